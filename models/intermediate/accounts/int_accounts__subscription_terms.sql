-- Subscription periods with an open end made a date and revenue in constant currency: every
-- currency at its earliest rate, for good, so that a moving exchange rate moves nothing here.
with subscriptions as (
    select * from {{ ref('stg_billing__subscriptions') }}
),

rates as (
    select
        currency,
        rate_to_base,
        row_number() over (partition by currency order by valid_from) as rate_number
    from {{ ref('stg_billing__exchange_rates') }}
),

final as (
    select
        subscriptions.subscription_id,
        subscriptions.account_id,
        subscriptions.product_id,
        subscriptions.starts_on,
        coalesce(subscriptions.ends_on, cast('9999-01-01' as date)) as ends_on,
        subscriptions.seats,
        cast(
            subscriptions.monthly_recurring_revenue
            * {% if source_is_on('exchange_rates') -%}
            case when subscriptions.currency is null then 1 else rates.rate_to_base end
            {%- else -%}
            1
            {%- endif %} as decimal(18, 2)
        ) as recurring_revenue,
        subscriptions.renewal_date,
        subscriptions.is_trial,
        subscriptions.notice_given_on
    from subscriptions
    left join rates
        on subscriptions.currency = rates.currency
        and rates.rate_number = 1
)

select * from final
