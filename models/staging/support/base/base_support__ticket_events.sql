with source as (
    {{ raw_rows('support', 'ticket_events') }}
),

tickets as (
    select ticket_id from {{ ref('stg_support__support_tickets') }}
),

data_clock as (
    select clock_day from {{ ref('stg_product__data_clock') }}
),

typed as (
    select
        {{ clean_text('ticket_event_id') }} as ticket_event_id,
        {{ clean_text('ticket_id') }} as ticket_id,
        {{ clean_word('status') }} as status,
        {{ clean_time('occurred_at') }} as occurred_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.ticket_event_id'],
            date='typed.occurred_at',
            owner='tickets.ticket_id',
            invalid=[
                "typed.status is null",
                "typed.status not in ('opened', 'pending', 'resolved', 'reopened', 'closed')"
            ]
        ) }} as reject_reason
    from typed
    left join tickets on typed.ticket_id = tickets.ticket_id
    cross join data_clock
),

final as (
    select
        *,
        {{ duplicate_rank(
            keys=['ticket_event_id'],
            columns=[
                'ticket_id',
                'status',
                'occurred_at'
            ]
        ) }} as duplicate_rank
    from checked
)

select * from final
