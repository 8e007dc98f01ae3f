-- The project's way to count the people active in a window of days (int_signals__windows): each active
-- day opens an interval that ends with the window or at the person's next active day, and the running
-- sum of what opens and what ends is the exact count, for all windows in one pass. Reads and writes
-- what range_joins.sql does; the windows are those that the shipped registry has over active people.
create or replace table active_users as
with windows as (
    from (values (14), (28), (91)) as windows(window_days)
),

person_days as (
    select
        account_id,
        activity_date,
        lead(activity_date, 1, date '9999-01-01') over person as next_date
    from user_days
    where user_id is not null
    window person as (partition by account_id, user_id order by activity_date)
),

intervals as (
    select
        account_id,
        window_days,
        activity_date as opens_on,
        least(activity_date + window_days, next_date) as closes_on
    from person_days
    cross join windows
    -- A person may use several products on a day.
    where activity_date < next_date
),

changes as (
    select account_id, window_days, opens_on as as_of_date, 1 as change, 0 as is_scored
    from intervals
    union all
    select account_id, window_days, closes_on, -1, 0 from intervals
    union all
    select account_id, window_days, as_of_date, 0, 1 from account_days cross join windows
),

daily as (
    select
        account_id, window_days, as_of_date,
        sum(change) as change,
        max(is_scored) as is_scored
    from changes
    group by account_id, window_days, as_of_date
),

running as (
    select
        account_id, as_of_date, window_days, is_scored,
        sum(change) over (
            partition by account_id, window_days order by as_of_date
        ) as active_users
    from daily
)

select account_id, as_of_date, window_days, cast(active_users as bigint) as active_users
from running
where is_scored = 1;
