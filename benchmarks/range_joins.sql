-- The obvious way to count the people active in a window of days: join every account's scored days
-- with the days on which its people were active, and count distinct, window by window. It reads two
-- tables of benchmarks/floor.sql (`account_days`, `user_days`; run that first on the same connection)
-- and writes `active_users`.
create or replace table active_users as
with counted as (
    select
        account_days.account_id,
        account_days.as_of_date,
        14 as window_days,
        count(distinct user_days.user_id) as active_users
    from account_days
    left join user_days
        on account_days.account_id = user_days.account_id
        and user_days.activity_date
        between account_days.as_of_date - 13 and account_days.as_of_date
    group by account_days.account_id, account_days.as_of_date
    union all
    select
        account_days.account_id,
        account_days.as_of_date,
        28 as window_days,
        count(distinct user_days.user_id) as active_users
    from account_days
    left join user_days
        on account_days.account_id = user_days.account_id
        and user_days.activity_date
        between account_days.as_of_date - 27 and account_days.as_of_date
    group by account_days.account_id, account_days.as_of_date
    union all
    select
        account_days.account_id,
        account_days.as_of_date,
        91 as window_days,
        count(distinct user_days.user_id) as active_users
    from account_days
    left join user_days
        on account_days.account_id = user_days.account_id
        and user_days.activity_date
        between account_days.as_of_date - 90 and account_days.as_of_date
    group by account_days.account_id, account_days.as_of_date
)

from counted;
