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
        {{ clean_date('starts_on') }} as starts_on,
        {{ clean_date('ends_on') }} as ends_on,
        {{ clean_number('seats', 'bigint') }} as seats,
        {{ clean_number('monthly_recurring_revenue', 'decimal(18, 2)') }}
            as monthly_recurring_revenue,
        upper({{ clean_text('currency') }}) as currency,
        {{ clean_date('renewal_date') }} as renewal_date,
        cast(auto_renews as boolean) as auto_renews,
        coalesce(cast(is_trial as boolean), false) as is_trial,
        {{ clean_date('notice_given_on') }} as notice_given_on,
        {{ clean_time('loaded_at') }} as loaded_at
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
    {{ with_fates(
        keys=['account_id', 'subscription_id', 'starts_on'],
        columns=[
            'product_id',
            'ends_on',
            'seats',
            'monthly_recurring_revenue',
            'currency',
            'renewal_date',
            'auto_renews',
            'is_trial',
            'notice_given_on'
        ],
        unknown={
            'seats': ['seats'],
            'monthly_recurring_revenue': ['monthly_recurring_revenue', 'currency'],
        }
    ) }}
)

select * from final
