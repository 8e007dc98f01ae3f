-- Account × spell: when it began, was first paid and ended; and whether it ended unannounced.
select
    account_id(account_no) as account_id,
    spell,
    on_day(first_day) as first_on,
    on_day(paid_from_day) as paid_from,
    on_day(notice_day) as notice_given_on,
    on_day(last_day) as last_paid_on,
    is_traceless
from lives
order by account_id, spell
