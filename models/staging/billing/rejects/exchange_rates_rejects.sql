with base as (
    select * from {{ ref('base_billing__exchange_rates') }}
),

final as (
    select
        currency,
        valid_from,
        rate_to_base,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
