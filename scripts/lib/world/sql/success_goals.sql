-- Objectives of success plans, one row per status they took: planned, in progress, and then
-- achieved, missed or cancelled. Health near the due date decides which.
with plans as (
    select
        account_traits.account_no,
        account_traits.account_id,
        lives.spell,
        lives.first_day,
        coalesce(lives.last_day, $never) as last_day,
        unnest(range(3 + $days // 180)) as number
    from lives
    inner join account_traits on lives.account_no = account_traits.account_no
    where
        not account_traits.is_silent
        and account_traits.plan <> 'basic'
        and uniform(account_traits.account_no, 'success plan') < 0.7
),

goals as (
    select
        *,
        account_no::bigint * 1000 + spell * 100 + number as goal_no
    from plans
),

-- Plans of long-standing customers are carried forward into the world.
planned as (
    select
        *,
        greatest(first_day, -120) + 150 * number + floor(60 * uniform(goal_no, 'planned'))::int
            as planned_day,
        90 + floor(90 * uniform(goal_no, 'due'))::int as allowed_days
    from goals
),

decided as (
    select
        planned.*,
        planned.planned_day + planned.allowed_days as due_day,
        case
            when uniform(planned.goal_no, 'cancelled') < 0.08 then 'cancelled'
            when uniform(planned.goal_no, 'achieved') < logistic(
                $goal_logit + $goal_per_health * coalesce(account_weeks.health, 0.0)
            ) then 'achieved'
            else 'missed'
        end as ending
    from planned
    left join account_weeks
        on planned.account_no = account_weeks.account_no
        and (planned.planned_day + planned.allowed_days - 20) // 7 = account_weeks.week
    where planned.planned_day <= planned.last_day
),

statuses as (
    select *, 'planned' as status, planned_day as day
    from decided
    union all by name
    select *, 'in_progress' as status,
        planned_day + 7 + floor(20 * uniform(goal_no, 'begun'))::int as day
    from decided
    union all by name
    select *, ending as status,
        case ending
            when 'achieved' then due_day - 30 + floor(40 * uniform(goal_no, 'ended'))::int
            when 'cancelled' then planned_day + 30 + floor(40 * uniform(goal_no, 'ended'))::int
            else due_day + 1
        end as day
    from decided
)

select
    'goal_' || goal_no as goal_id,
    account_id,
    pick(
        [
            'Roll out to a second team', 'Replace the weekly spreadsheet', 'Train all admins',
            'Cut the reporting time by half', 'Automate the approval process'
        ],
        uniform(goal_no, 'objective')
    ) as objective,
    status,
    at_work(day, uniform(goal_no, status)) as status_changed_at,
    on_day(due_day) as due_on,
    case when status = 'achieved' then at_work(day, uniform(goal_no, status)) end as achieved_at,
    loaded_after(on_day(day), 36) as loaded_at
from statuses
where day < $days and day <= last_day
