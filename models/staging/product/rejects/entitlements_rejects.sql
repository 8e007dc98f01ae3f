with base as (
    select * from {{ ref('base_product__entitlements') }}
),

final as (
    select
        entitlement_id,
        account_id,
        product_id,
        starts_on,
        ends_on,
        seats,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
