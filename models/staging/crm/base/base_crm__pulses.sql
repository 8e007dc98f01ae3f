with source as (
    {{ raw_rows('crm', 'pulses') }}
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
        {{ clean_text('pulse_id') }} as pulse_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('author_id') }} as author_id,
        {{ clean_word('value') }} as value,
        {{ clean_text('reason') }} as reason,
        {{ clean_time('set_at') }} as set_at,
        {{ clean_time('expires_at') }} as expires_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.pulse_id'],
            date='typed.set_at',
            owner='known_accounts.account_id',
            invalid=[
                "typed.value is null or typed.value not in ('green', 'yellow', 'red')",
                "typed.author_id is null or typed.reason is null or typed.expires_at is null",
                "typed.expires_at < typed.set_at"
            ]
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'pulse_id'],
        columns=[
            'author_id',
            'value',
            'reason',
            'set_at',
            'expires_at'
        ],
        refused=['value']
    ) }}
)

select * from final
