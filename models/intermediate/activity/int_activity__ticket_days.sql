-- Ticket × status × day on which it took that status.
with ticket_events as (
    select * from {{ ref('stg_support__ticket_events') }}
),

tickets as (
    select * from {{ ref('int_activity__tickets') }}
),

final as (
    select
        tickets.account_id,
        ticket_events.ticket_id,
        ticket_events.status,
        cast(ticket_events.occurred_at as date) as activity_date,
        max(ticket_events.occurred_at) as last_changed_at
    from ticket_events
    inner join tickets
        on ticket_events.account_id = tickets.account_id
        and ticket_events.ticket_id = tickets.ticket_id
    group by
        tickets.account_id,
        ticket_events.ticket_id,
        ticket_events.status,
        cast(ticket_events.occurred_at as date)
)

select * from final
