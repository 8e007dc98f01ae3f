with source as (
    {{ raw_rows('support', 'survey_responses') }}
),

known_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

other_scales as (
    select kind from {{ ref('base_support__other_scales') }}
),

data_clock as (
    select clock_day from {{ ref('stg_product__data_clock') }}
),

typed as (
    select
        {{ clean_text('response_id') }} as response_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('user_id') }} as user_id,
        {{ clean_text('ticket_id') }} as ticket_id,
        {{ clean_word('kind') }} as kind,
        {{ clean_number('score', 'decimal(18, 2)') }} as score,
        {{ clean_time('sent_at') }} as sent_at,
        {{ clean_time('responded_at') }} as responded_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.response_id'],
            date='coalesce(typed.responded_at, typed.sent_at)',
            owner='known_accounts.account_id',
            invalid=[
                "typed.kind is null or typed.kind not in ('nps', 'csat', 'ces')",
                "other_scales.kind is not null",
                "typed.kind = 'nps' and (typed.score < 0 or typed.score > 10)",
                "typed.kind = 'csat' and (typed.score < 1 or typed.score > 5)",
                "typed.kind = 'ces' and (typed.score < 1 or typed.score > 7)"
            ]
        ) }} as reject_reason
    from typed
    left join other_scales on typed.kind = other_scales.kind
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'response_id'],
        columns=[
            'user_id',
            'ticket_id',
            'kind',
            'score',
            'sent_at',
            'responded_at'
        ],
        unknown={'score': ['kind', 'score']}
    ) }}
)

select * from final
