with source as (
    {{ raw_rows('billing', 'subscriptions') }}
),

known_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

typed as (
    select
        {{ clean_text('subscription_id') }} as subscription_id,
        {{ clean_text('account_id') }} as account_id,
        coalesce({{ clean_text('product_id') }}, 'default') as product_id,
        cast(starts_on as date) as starts_on,
        cast(ends_on as date) as ends_on,
        cast(seats as bigint) as seats,
        cast(monthly_recurring_revenue as decimal(18, 2)) as monthly_recurring_revenue,
        upper({{ clean_text('currency') }}) as currency,
        cast(renewal_date as date) as renewal_date,
        cast(auto_renews as boolean) as auto_renews,
        coalesce(cast(is_trial as boolean), false) as is_trial,
        cast(notice_given_on as date) as notice_given_on,
        cast(loaded_at as timestamp) as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.subscription_id', 'typed.starts_on'],
            owner='known_accounts.account_id',
            invalid=[
                "typed.ends_on < typed.starts_on"
            ],
            amounts=['typed.seats', 'typed.monthly_recurring_revenue']
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
),

final as (
    select
        *,
        {{ duplicate_rank(
            keys=['subscription_id', 'starts_on'],
            columns=[
                'account_id',
                'product_id',
                'ends_on',
                'seats',
                'monthly_recurring_revenue',
                'currency',
                'renewal_date',
                'auto_renews',
                'is_trial',
                'notice_given_on'
            ]
        ) }} as duplicate_rank
    from checked
)

select * from final
