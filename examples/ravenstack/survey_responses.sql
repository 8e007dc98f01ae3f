-- One answer per ticket that has one; the ticket's key is the answer's. Where there is no score
-- the files do not say whether anybody was asked, so no unanswered survey is made up. When the
-- answer was given is not recorded either: the ticket's close is the earliest it can have been.
select
    ticket_id as response_id,
    account_id,
    ticket_id,
    'csat' as kind,
    satisfaction_score as score,
    closed_at as responded_at
from ravenstack_support_tickets
where satisfaction_score is not null
