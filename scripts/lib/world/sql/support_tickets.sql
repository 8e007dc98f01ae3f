-- Tickets as the desk shows them at the end of the world; a row is loaded again at each change.
with known as (
    select
        *,
        case when is_in_world(first_responded_at) then first_responded_at end as responded,
        case
            when is_in_world(resolved_again_at) then resolved_again_at
            -- Reopened and not solved again: open.
            when is_in_world(reopened_at) then null
            when is_in_world(first_resolved_at) then first_resolved_at
        end as resolved,
        case when is_in_world(reopened_at) then reopened_at end as reopened
    from tickets
)

select
    ticket_id,
    account_id,
    user_id,
    product_id,
    topic,
    severity,
    kind,
    sentiment,
    opened_at,
    responded as first_responded_at,
    resolved as resolved_at,
    'tkt_' || merged_into_no as merged_into_ticket_id,
    loaded_after(greatest(opened_at, responded, resolved, reopened)::date, 30) as loaded_at
from known
