with base as (
    select * from {{ ref('base_billing__exchange_rates') }}
),

final as (
    select
        currency,
        valid_from,
        rate_to_base,
        loaded_at
    from base
    where row_fate = 'staged'
)

select * from final
