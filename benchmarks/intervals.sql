-- The project's way to count the people active in a window of days (int_signals__windows): an active
-- day on which the person was not in the window opens an interval, one that the person does not follow
-- up within the window ends it, and the running sum of what opens and what ends is the exact count,
-- for all windows in one pass, which stays for a stretch of days. Reads and writes what
-- range_joins.sql does; the windows are those that the shipped registry has over active people.
create or replace table active_users as
with windows as (
    from (values (14), (28), (91)) as windows(window_days)
),

-- A person may use several products on a day, of which the second is no change.
person_days as (
    select
        account_id,
        activity_date,
        lag(activity_date, 1, date '1900-01-01') over person as last_date,
        lead(activity_date, 1, date '9999-01-01') over person as next_date
    from user_days
    where user_id is not null
    window person as (partition by account_id, user_id order by activity_date)
),

changes as (
    select account_id, window_days, activity_date as change_date, 1 as change
    from person_days
    cross join windows
    where last_date + window_days <= activity_date
    union all
    select account_id, window_days, activity_date + window_days, -1
    from person_days
    cross join windows
    where activity_date + window_days <= next_date
    union all
    select account_id, window_days, min(as_of_date), 0
    from account_days
    cross join windows
    group by account_id, window_days
),

daily_changes as (
    select account_id, window_days, change_date, sum(change) as change
    from changes
    group by account_id, window_days, change_date
),

stretches as (
    select
        account_id,
        window_days,
        change_date as starts_on,
        lead(change_date) over account as next_starts_on,
        sum(change) over account as active_users
    from daily_changes
    window account as (partition by account_id, window_days order by change_date)
),

last_day as (
    select max(as_of_date) + 1 as after_last_day from account_days
),

days as (
    select
        account_id,
        window_days,
        active_users,
        starts_on + cast(unnest(range(
            least(coalesce(next_starts_on, after_last_day), after_last_day) - starts_on
        )) as integer) as as_of_date
    from stretches
    cross join last_day
)

select
    account_id,
    as_of_date,
    days.window_days,
    cast(days.active_users as bigint) as active_users
from days
inner join account_days using (account_id, as_of_date);
