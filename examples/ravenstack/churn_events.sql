-- The one of three definitions of churn that has a date for the account (README.md). An event
-- marked is_reactivation is a leaving like the others, with a date and a reason. No last paid day
-- is known: subscriptions hardly ever end with an event.
select
    churn_event_id,
    account_id,
    churn_date as notice_given_on,
    reason_code
from ravenstack_churn_events
