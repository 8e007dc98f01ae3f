-- The status changes of each ticket that have happened by the end of the world.
with changes as (
    select ticket_no, account_id, ticket_id, 1 as step, 'opened' as status, opened_at as occurred_at
    from tickets
    union all
    select ticket_no, account_id, ticket_id, 2, 'pending', first_responded_at
    from tickets
    where merged_into_no is null and uniform(ticket_no, 'pending') < 0.4
    union all
    select ticket_no, account_id, ticket_id, 3, 'resolved', first_resolved_at
    from tickets
    where merged_into_no is null
    union all
    select ticket_no, account_id, ticket_id, 4, 'reopened', reopened_at
    from tickets
    where is_reopened
    union all
    select ticket_no, account_id, ticket_id, 5, 'resolved', resolved_again_at
    from tickets
    where is_reopened
    union all
    select
        ticket_no,
        account_id,
        ticket_id,
        6,
        'closed',
        case
            when merged_into_no is not null then first_resolved_at
            else coalesce(resolved_again_at, first_resolved_at) + interval 5 day
        end
    from tickets
)

select
    'tev_' || ticket_no || '_' || step as ticket_event_id,
    account_id,
    ticket_id,
    status,
    occurred_at,
    loaded_after(occurred_at::date, 31) as loaded_at
from changes
where is_in_world(occurred_at)
