-- Courses completed. The first course comes soon after a person joins, certificates later; they
-- expire after a year, the first course never does.
with people as (
    select
        account_id,
        account_no,
        slot,
        created_day,
        coalesce(left_day, $days) as left_day,
        user_id(account_no, slot, 0) as user_id,
        slot_key(account_no, slot) as slot_key
    from user_slots
),

courses as (
    select *
    from (
        values
        ('first_steps', 0.25, 30, null),
        ('admin_certificate', 0.06, 400, 365),
        ('reporting_certificate', 0.06, 500, 365),
        ('automation_certificate', 0.03, 600, 365)
    ) as courses (course, share, within_days, valid_days)
),

completed as (
    select
        people.*,
        courses.course,
        courses.valid_days,
        people.created_day + floor(
            courses.within_days * uniform(people.slot_key, courses.course || ' day')
        )::int as day
    from people
    cross join courses
    where uniform(people.slot_key, courses.course) < courses.share
)

select
    'trn_' || slot_key || '_' || course as training_id,
    account_id,
    user_id,
    course,
    at_work(day, uniform(slot_key, course || ' time')) as completed_at,
    at_work(day, uniform(slot_key, course || ' time')) + to_days(valid_days) as expires_at,
    loaded_after(on_day(day), 35) as loaded_at
from completed
where day < $days and day <= left_day
