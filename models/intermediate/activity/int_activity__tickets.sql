-- Tickets that count. A ticket merged into one of the same account that is staged is its duplicate
-- and left out; a pointer that leads nowhere merges nothing. Of tickets merged in a circle the one
-- with the smallest id counts. Each round looks twice as far along the merges, and chains that end
-- drop out, so what is left in the last round runs in a circle (of up to 2 ^ rounds tickets).
{%- set rounds = 7 %}

with support_tickets as (
    select * from {{ ref('stg_support__support_tickets') }}
),

severities as (
    select * from {{ ref('stg_scorecard__ticket_severities') }}
),

pointers as (
    select
        duplicates.account_id,
        duplicates.ticket_id,
        survivors.ticket_id as merged_into_ticket_id
    from support_tickets as duplicates
    inner join support_tickets as survivors
        on duplicates.account_id = survivors.account_id
        and duplicates.merged_into_ticket_id = survivors.ticket_id
),

-- Where the merges lead, and the smallest id on the way there.
paths_0 as (
    select
        account_id,
        ticket_id,
        merged_into_ticket_id as leads_to,
        merged_into_ticket_id as smallest_id
    from pointers
),

{% for round in range(1, rounds + 1) -%}
paths_{{ round }} as {{ materialized() }} (
    select
        paths.account_id,
        paths.ticket_id,
        further.leads_to,
        least(paths.smallest_id, further.smallest_id) as smallest_id
    from paths_{{ round - 1 }} as paths
    inner join paths_{{ round - 1 }} as further
        on paths.account_id = further.account_id
        and paths.leads_to = further.ticket_id
),

{% endfor -%}
-- Of every circle the ticket that comes back to itself and meets no smaller id on the way.
survivors_of_circles as (
    select * from paths_{{ rounds }}
    where ticket_id = smallest_id
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
        cast(support_tickets.opened_at as date) as opened_on,
        support_tickets.merged_into_ticket_id is not null as is_merge_undone
    from support_tickets
    left join pointers
        on support_tickets.account_id = pointers.account_id
        and support_tickets.ticket_id = pointers.ticket_id
    left join survivors_of_circles
        on support_tickets.account_id = survivors_of_circles.account_id
        and support_tickets.ticket_id = survivors_of_circles.ticket_id
    left join severities
        on support_tickets.severity = severities.severity
        and cast(support_tickets.opened_at as date)
        between severities.valid_from and severities.valid_to
    where pointers.ticket_id is null or survivors_of_circles.ticket_id is not null
)

select * from final
