with source as (
    {{ raw_rows('crm', 'touchpoints') }}
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
        {{ clean_text('touchpoint_id') }} as touchpoint_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('user_id') }} as user_id,
        {{ clean_word('kind') }} as kind,
        {{ clean_word('direction') }} as direction,
        cast(is_two_way as boolean) as is_two_way,
        coalesce(cast(is_automated as boolean), false) as is_automated,
        cast(attended as boolean) as attended,
        {{ clean_time('occurred_at') }} as occurred_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.touchpoint_id'],
            date='typed.occurred_at',
            owner='known_accounts.account_id',
            invalid=[
                "typed.kind is null",
                "typed.kind not in ('meeting', 'email', 'call', 'webinar', 'social')",
                "typed.direction not in ('inbound', 'outbound')"
            ]
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'touchpoint_id'],
        columns=[
            'user_id',
            'kind',
            'direction',
            'is_two_way',
            'is_automated',
            'attended',
            'occurred_at'
        ]
    ) }}
)

select * from final
