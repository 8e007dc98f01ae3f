with source as (
    {{ raw_rows('crm', 'churn_events') }}
),

known_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

data_clock as (
    select clock_day from {{ ref('stg_product__data_clock') }}
),

typed as (
    select
        {{ clean_text('churn_event_id') }} as churn_event_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_date('notice_given_on') }} as notice_given_on,
        {{ clean_date('ends_on') }} as ends_on,
        {{ clean_text('reason_code') }} as reason_code,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.churn_event_id'],
            date='typed.notice_given_on',
            owner='known_accounts.account_id',
            invalid=[
                "typed.ends_on < typed.notice_given_on"
            ]
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'churn_event_id'],
        columns=[
            'notice_given_on',
            'ends_on',
            'reason_code'
        ]
    ) }}
)

select * from final
