-- submitted_at has no time of day, and closed_at is counted from its midnight, so the first
-- response is too. Priority is the desk's severity. escalation_flag is undated and stays out.
select
    ticket_id,
    account_id,
    'ravenstack' as product_id,
    priority as severity,
    submitted_at as opened_at,
    cast(submitted_at as timestamp)
    + to_minutes(cast(first_response_time_minutes as bigint)) as first_responded_at,
    closed_at as resolved_at
from ravenstack_support_tickets
