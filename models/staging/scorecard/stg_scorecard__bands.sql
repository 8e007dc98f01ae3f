-- depends_on: {{ ref('stg_scorecard__errors') }}

with bands as (
    select * from {{ ref('base_scorecard__bands') }}
),

final as (
    select
        scorecard_id,
        {{ try_integer('scorecard_version') }} as scorecard_version,
        band_id,
        cast(lower_bound as decimal(9, 4)) as lower_bound,
        cast(upper_bound as decimal(9, 4)) as upper_bound,
        -- 1 is the worst band.
        row_number() over (
            partition by scorecard_id, scorecard_version
            order by lower_bound, band_id
        ) as band_rank,
        upper_bound = max(upper_bound) over (
            partition by scorecard_id, scorecard_version
        ) as is_top_band
    from bands
)

select * from final
