with base as (
    select * from {{ ref('base_product__entitlements') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'entitlement_id') }} as entitlement_id,
        {{ counted_account('base') }} as account_id,
        base.product_id,
        base.starts_on,
        base.ends_on,
        base.seats,
        base.loaded_at
    from base
    {{ join_links('base', 'base.starts_on') }}
    where base.row_fate = 'staged'
)

select * from final
