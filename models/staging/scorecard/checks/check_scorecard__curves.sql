-- A curve has two control points or more, at different values, and points between 0 and 100.
with curves as (
    select
        curve_id,
        x,
        {{ try_decimal('x') }} as x_value,
        {{ try_decimal('points') }} as points
    from {{ ref('curves') }}
),

few_points as (
    select
        'curves' as seed,
        curve_id as row_key,
        'the curve has one control point' as problem,
        'add a second, at another x' as mend
    from curves
    group by curve_id
    having count(*) = 1
),

repeated_values as (
    select
        'curves' as seed,
        curve_id || '/' || min(x) as row_key,
        'the curve has two control points at this x' as problem,
        'keep one' as mend
    from curves
    group by curve_id, x_value
    having count(*) > 1
),

wrong_points as (
    select
        'curves' as seed,
        curve_id || '/' || x as row_key,
        'points lie outside 0 to 100' as problem,
        'write points from 0 to 100' as mend
    from curves
    where points < 0 or points > 100
),

final as (
    select seed, row_key, problem, mend from few_points
    union all
    select seed, row_key, problem, mend from repeated_values
    union all
    select seed, row_key, problem, mend from wrong_points
)

select * from final
