-- Entitlement × account that it counts for: where its account becomes another one, it goes on in
-- that one. Open ends stay null.
with entitlements as (
    select * from {{ ref('stg_product__entitlements') }}
),

links as (
    select * from {{ ref('stg_crm__account_links') }}
),

final as (
    select
        entitlements.entitlement_id,
        links.counts_for_account_id as account_id,
        entitlements.product_id,
        greatest(entitlements.starts_on, links.valid_from) as starts_on,
        case
            when links.valid_to < coalesce(entitlements.ends_on, cast('9999-12-31' as date))
                then links.valid_to
            else entitlements.ends_on
        end as ends_on,
        entitlements.seats
    from entitlements
    inner join links
        on entitlements.account_id = links.account_id
        and entitlements.starts_on <= links.valid_to
        and coalesce(entitlements.ends_on, cast('9999-12-31' as date)) >= links.valid_from
)

select * from final
