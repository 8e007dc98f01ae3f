-- depends_on: {{ ref('stg_scorecard__errors') }}

-- Each curve as straight pieces that cover every value: flat before the first control point and
-- after the last.
with control_points as (
    select
        curve_id,
        {{ as_double(try_decimal('x')) }} as x,
        {{ as_double(try_decimal('points')) }} as points
    from {{ ref('curves') }}
),

neighbours as (
    select
        curve_id,
        x,
        points,
        lead(x) over (partition by curve_id order by x) as next_x,
        lead(points) over (partition by curve_id order by x) as next_points,
        row_number() over (partition by curve_id order by x) as piece_number
    from control_points
),

final as (
    select
        curve_id,
        x as from_x,
        coalesce(next_x, {{ as_double("'Infinity'") }}) as to_x,
        points as from_points,
        case when next_x is null then 0 else next_points - points end as rise,
        case when next_x is null then 1 else next_x - x end as run
    from neighbours
    union all
    select
        curve_id,
        {{ as_double("'-Infinity'") }} as from_x,
        x as to_x,
        points as from_points,
        0 as rise,
        1 as run
    from neighbours
    where piece_number = 1
)

select * from final
