with source as (
    {{ raw_rows('support', 'support_tickets') }}
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
        {{ clean_text('ticket_id') }} as ticket_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('user_id') }} as user_id,
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('topic') }} as topic,
        {{ clean_word('severity') }} as severity,
        {{ clean_word('kind') }} as kind,
        {{ clean_number('sentiment', 'decimal(18, 4)') }} as sentiment,
        {{ clean_time('opened_at') }} as opened_at,
        {{ clean_time('first_responded_at') }} as first_responded_at,
        {{ clean_time('resolved_at') }} as resolved_at,
        {{ clean_text('merged_into_ticket_id') }} as merged_into_ticket_id,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.ticket_id'],
            date='typed.opened_at',
            owner='known_accounts.account_id',
            invalid=[
                "typed.kind not in ('how_to', 'defect', 'question')",
                "typed.sentiment < -1 or typed.sentiment > 1"
            ]
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'ticket_id'],
        columns=[
            'user_id',
            'product_id',
            'topic',
            'severity',
            'kind',
            'sentiment',
            'opened_at',
            'first_responded_at',
            'resolved_at',
            'merged_into_ticket_id'
        ],
        unknown={'severity': ['severity'], 'sentiment': ['sentiment']}
    ) }}
)

select * from final
