-- The bands of a version tile 0 to 100: each begins where the one below it ends.
with bands as (
    select * from {{ ref('base_scorecard__bands') }}
),

neighbours as (
    select
        scorecard_id || '/' || scorecard_version || '/' || band_id as row_key,
        band_id,
        lower_bound,
        upper_bound,
        lag(upper_bound) over (
            partition by scorecard_id, scorecard_version
            order by lower_bound, upper_bound, band_id
        ) as bound_below,
        lead(lower_bound) over (
            partition by scorecard_id, scorecard_version
            order by lower_bound, upper_bound, band_id
        ) as bound_above
    from bands
),

edges as (
    select
        'bands' as seed,
        row_key,
        case
            when lower_bound >= upper_bound
                then 'the band is empty: its lower bound is not below its upper bound'
            when bound_below is null and lower_bound != 0
                then 'the lowest band does not begin at 0'
            when bound_above is null and upper_bound != 100
                then 'the highest band does not end at 100'
            when lower_bound > bound_below then 'there is a gap below the band'
            when lower_bound < bound_below then 'the band overlaps the one below it'
            when band_id = 'unknown' then 'the band unknown is for accounts without a score'
        end as problem,
        'let the bands tile 0 to 100, each beginning where the one below it ends' as mend
    from neighbours
),

without_bands as (
    select
        'scorecards' as seed,
        {{ row_key(['scorecard_id', 'scorecard_version'], 'scorecards') }} as row_key,
        'the version has no bands' as problem,
        'add rows to bands.csv or extend a version that has them' as mend
    from {{ ref('scorecards') }} as scorecards
    left join bands
        on scorecards.scorecard_id = bands.scorecard_id
        and scorecards.scorecard_version = bands.scorecard_version
    where bands.band_id is null
),

final as (
    select seed, row_key, problem, mend from edges
    where problem is not null
    union all
    select seed, row_key, problem, mend from without_bands
)

select * from final
