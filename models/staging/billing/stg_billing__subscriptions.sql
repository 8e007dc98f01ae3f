with base as (
    select * from {{ ref('base_billing__subscriptions') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'subscription_id') }} as subscription_id,
        {{ counted_account('base') }} as account_id,
        base.subscription_item_id,
        base.product_id,
        base.starts_on,
        base.ends_on,
        base.seats,
        base.monthly_recurring_revenue,
        base.currency,
        base.renewal_date,
        base.auto_renews,
        base.is_trial,
        base.notice_given_on,
        base.loaded_at
    from base
    {{ join_links('base', 'base.starts_on') }}
    where base.row_fate = 'staged'
)

select * from final
