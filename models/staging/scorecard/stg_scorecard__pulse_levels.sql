-- depends_on: {{ ref('stg_scorecard__errors') }}

with pulse_levels as (
    select * from {{ ref('pulse_levels') }}
),

final as (
    select
        value,
        {{ try_date('valid_from') }} as valid_from,
        {{ holds_until('value') }} as valid_to,
        {{ try_decimal('level') }} as level
    from pulse_levels
)

select * from final
