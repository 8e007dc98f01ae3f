-- Subscription periods with an open end made a date and revenue in constant currency. A price in a
-- currency of which nobody knows the rate is not the same as no price. Where the account of a
-- period becomes another one, the period goes on in that one.
with subscriptions as (
    select * from {{ ref('stg_billing__subscriptions') }}
),

rates as (
    select * from {{ ref('int_activity__currency_rates') }}
),

links as (
    select * from {{ ref('stg_crm__account_links') }}
),

converted as (
    select
        subscriptions.subscription_id,
        subscriptions.subscription_item_id,
        links.counts_for_account_id as account_id,
        subscriptions.product_id,
        greatest(subscriptions.starts_on, links.valid_from) as starts_on,
        least(
            coalesce(subscriptions.ends_on, cast('9999-01-01' as date)), links.valid_to
        ) as ends_on,
        subscriptions.seats,
        subscriptions.monthly_recurring_revenue,
        {{ in_constant_currency('subscriptions.monthly_recurring_revenue', 'subscriptions') }}
            as recurring_revenue,
        subscriptions.renewal_date,
        subscriptions.auto_renews,
        subscriptions.is_trial,
        subscriptions.notice_given_on
    from subscriptions
    inner join links
        on subscriptions.account_id = links.account_id
        and subscriptions.starts_on <= links.valid_to
        and coalesce(subscriptions.ends_on, cast('9999-01-01' as date)) >= links.valid_from
    {{ join_rates('subscriptions') }}
),

final as (
    select
        subscription_id,
        subscription_item_id,
        account_id,
        product_id,
        starts_on,
        ends_on,
        seats,
        recurring_revenue,
        monthly_recurring_revenue is not null and recurring_revenue is null as is_revenue_unknown,
        renewal_date,
        auto_renews,
        is_trial,
        notice_given_on
    from converted
)

select * from final
