with base as (
    select * from {{ ref('base_product__entitlements') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        base.entitlement_id,
        {{ counted_account('base') }} as account_id,
        base.product_id,
        base.starts_on,
        base.ends_on,
        base.seats,
        base.loaded_at
    from base
    {{ join_links('base', 'base.starts_on') }}
    where base.reject_reason is null and base.duplicate_rank = 1
)

select * from final
