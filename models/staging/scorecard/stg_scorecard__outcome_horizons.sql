-- depends_on: {{ ref('stg_scorecard__errors') }}

with outcome_horizons as (
    select * from {{ ref('outcome_horizons') }}
),

final as (
    select
        horizon_id,
        cast({{ try_decimal('horizon_days') }} as integer) as horizon_days,
        cast({{ try_decimal('gap_days') }} as integer) as gap_days,
        {{ as_double(try_decimal('interval_z')) }} as interval_z
    from outcome_horizons
)

select * from final
