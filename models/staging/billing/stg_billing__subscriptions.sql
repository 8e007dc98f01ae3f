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
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
