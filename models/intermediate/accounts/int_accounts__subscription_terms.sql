-- Subscription periods with an open end made a date and revenue in constant currency: every
-- currency at its earliest rate, for good, so that a moving exchange rate moves nothing here.
with subscriptions as (
    select * from {{ ref('stg_billing__subscriptions') }}
),

rates as (
    {{ earliest_rates() }}
),

final as (
    select
        subscriptions.subscription_id,
        subscriptions.account_id,
        subscriptions.product_id,
        subscriptions.starts_on,
        coalesce(subscriptions.ends_on, cast('9999-01-01' as date)) as ends_on,
        subscriptions.seats,
        {{ in_constant_currency('subscriptions.monthly_recurring_revenue', 'subscriptions') }}
            as recurring_revenue,
        subscriptions.renewal_date,
        subscriptions.auto_renews,
        subscriptions.is_trial,
        subscriptions.notice_given_on
    from subscriptions
    {{ join_rates('subscriptions') }}
)

select * from final
