-- depends_on: {{ ref('stg_scorecard__errors') }}

with outcome_horizons as (
    select * from {{ ref('outcome_horizons') }}
),

final as (
    select
        horizon_id,
        {{ try_integer('horizon_days') }} as horizon_days,
        {{ try_integer('gap_days') }} as gap_days,
        {{ as_double(try_decimal('interval_z')) }} as interval_z
    from outcome_horizons
)

select * from final
