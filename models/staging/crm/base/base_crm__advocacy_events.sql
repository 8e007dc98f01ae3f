with source as (
    {{ raw_rows('crm', 'advocacy_events') }}
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
        {{ clean_text('advocacy_event_id') }} as advocacy_event_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('user_id') }} as user_id,
        {{ clean_word('kind') }} as kind,
        {{ clean_word('polarity') }} as polarity,
        {{ clean_time('occurred_at') }} as occurred_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.advocacy_event_id'],
            date='typed.occurred_at',
            owner='known_accounts.account_id',
            invalid=[
                "typed.kind is null or typed.kind not in ('referral', 'reference', 'review')",
                "typed.polarity is null",
                "typed.polarity not in ('positive', 'neutral', 'negative')"
            ]
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'advocacy_event_id'],
        columns=[
            'user_id',
            'kind',
            'polarity',
            'occurred_at'
        ]
    ) }}
)

select * from final
