{%- set is_cut_short = "coalesce(row_fate = 'staged' and next_starts_on is not null"
    ~ " and coalesce(next_starts_on <= ends_on, true), false)" %}

with source as (
    {{ raw_rows('billing', 'subscriptions') }}
),

known_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

given as (
    select
        {{ clean_text('subscription_id') }} as subscription_id,
        {{ clean_text('subscription_item_id') }} as subscription_item_id,
        {{ clean_text('account_id') }} as account_id,
        coalesce({{ clean_text('product_id') }}, 'default') as product_id,
        {{ clean_date('starts_on') }} as starts_on,
        {{ clean_date('ends_on') }} as ends_on,
        {{ clean_date('ends_before') }} as ends_before,
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

typed as (
    select
        subscription_id,
        coalesce(subscription_item_id, product_id) as subscription_item_id,
        account_id,
        product_id,
        starts_on,
        {{ last_day('ends_on', 'ends_before') }} as ends_on,
        {{ first_day_after('ends_on', 'ends_before') }} as ends_before,
        seats,
        monthly_recurring_revenue,
        currency,
        renewal_date,
        auto_renews,
        is_trial,
        notice_given_on,
        loaded_at,
        {{ ends_disagree('ends_on', 'ends_before') }} as is_end_disputed
    from given
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.subscription_id', 'typed.starts_on'],
            owner='known_accounts.account_id',
            invalid=[
                "typed.ends_on < typed.starts_on",
                "typed.is_end_disputed"
            ],
            amounts=['typed.seats', 'typed.monthly_recurring_revenue']
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
),

settled as (
    {{ with_fates(
        keys=['account_id', 'subscription_id', 'subscription_item_id', 'starts_on'],
        columns=[
            'product_id',
            'ends_on',
            'ends_before',
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
),

followed as (
    select
        *,
        lead(starts_on) over (
            partition by row_fate, account_id, subscription_id, subscription_item_id
            order by starts_on, product_id
        ) as next_starts_on
    from settled
),

-- The next term of one item ends the one before it. Other subscriptions and items add up.
final as (
    select
        account_id,
        subscription_id,
        subscription_item_id,
        product_id,
        starts_on,
        case
            when {{ is_cut_short }} then {{ add_days('next_starts_on', -1) }}
            else ends_on
        end as ends_on,
        case when {{ is_cut_short }} then next_starts_on else ends_before end as ends_before,
        seats,
        monthly_recurring_revenue,
        currency,
        renewal_date,
        auto_renews,
        is_trial,
        notice_given_on,
        loaded_at,
        reject_reason,
        row_fate,
        conflict_reason,
        {{ is_cut_short }} as is_cut_short,
        coalesce(next_starts_on = ends_on, false) as ends_on_next_start,
        coalesce(next_starts_on = ends_before, false) as ends_before_next_start
    from followed
)

select * from final
