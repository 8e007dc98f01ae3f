-- Tickets that count: merged duplicates are left out.
with support_tickets as (
    select * from {{ ref('stg_support__support_tickets') }}
    where merged_into_ticket_id is null
),

severities as (
    select * from {{ ref('stg_scorecard__ticket_severities') }}
),

final as (
    select
        support_tickets.ticket_id,
        support_tickets.account_id,
        support_tickets.product_id,
        support_tickets.topic,
        support_tickets.kind,
        support_tickets.severity,
        coalesce(severities.is_severe, false) as is_severe,
        support_tickets.sentiment,
        support_tickets.opened_at,
        support_tickets.first_responded_at,
        cast(support_tickets.opened_at as date) as opened_on
    from support_tickets
    left join severities on support_tickets.severity = severities.severity
)

select * from final
