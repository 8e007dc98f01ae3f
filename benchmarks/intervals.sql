-- The project's way to count the people active in the last 28 days (int_signals__windows): each active
-- day opens an interval that ends after 28 days or at the person's next active day, and the running
-- sum of what opens and what ends is the exact count. Reads and writes what range_joins.sql does.
create or replace table active_users as
with person_days as (
    select distinct account_id, user_id, activity_date from user_days
    where user_id is not null
),

intervals as (
    select
        account_id,
        activity_date as opens_on,
        least(
            activity_date + 28,
            coalesce(
                lead(activity_date) over (partition by account_id, user_id order by activity_date),
                date '9999-01-01'
            )
        ) as closes_on
    from person_days
),

changes as (
    select account_id, opens_on as as_of_date, 1 as change, 0 as is_scored from intervals
    union all
    select account_id, closes_on, -1, 0 from intervals
    union all
    select account_id, as_of_date, 0, 1 from account_days
),

daily as (
    select account_id, as_of_date, sum(change) as change, max(is_scored) as is_scored from changes
    group by account_id, as_of_date
),

running as (
    select
        account_id,
        as_of_date,
        is_scored,
        sum(change) over (partition by account_id order by as_of_date) as active_users
    from daily
)

select account_id, as_of_date, cast(active_users as bigint) as active_users from running
where is_scored = 1;
