with base as (
    select * from {{ ref('base_billing__subscriptions') }}
),

final as (
    select
        subscription_id,
        account_id,
        product_id,
        starts_on,
        ends_on,
        seats,
        monthly_recurring_revenue,
        currency,
        renewal_date,
        auto_renews,
        is_trial,
        notice_given_on,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
