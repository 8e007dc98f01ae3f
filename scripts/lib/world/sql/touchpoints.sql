-- Meetings, e-mails, calls, webinars and social contacts. How many there are is the plan's service
-- level; whether the customer answers or comes is theirs. Half of the e-mails are also "opened" by
-- a machine.
with cadence as (
    select *
    from (
        values
        ('meeting', 'outbound', 0.02, 0.12, 0.35),
        ('email', 'outbound', 0.25, 0.35, 0.45),
        ('email', 'inbound', 0.04, 0.08, 0.15),
        ('call', 'outbound', 0.02, 0.05, 0.08),
        ('webinar', 'outbound', 0.03, 0.04, 0.05),
        ('social', 'inbound', 0.01, 0.01, 0.02)
    ) as cadence (kind, direction, basic_rate, pro_rate, enterprise_rate)
),

expected as (
    select
        account_weeks.account_no,
        account_weeks.week,
        account_weeks.health,
        account_weeks.first_dow,
        account_weeks.last_dow,
        account_traits.account_id,
        account_traits.first_day,
        account_traits.reply_trait,
        account_traits.has_sponsor,
        account_weeks.active_users,
        cadence.kind,
        cadence.direction,
        cadence.kind || cadence.direction as purpose,
        week_key(account_weeks.account_no, account_weeks.week) as week_key,
        case account_traits.plan
            when 'basic' then cadence.basic_rate
            when 'pro' then cadence.pro_rate
            else cadence.enterprise_rate
        end * case when account_weeks.spell_week < 8 then 1.5 else 1.0 end as rate
    from account_weeks
    inner join account_traits on account_weeks.account_no = account_traits.account_no
    cross join cadence
    where not account_traits.is_silent
),

happened as (
    select
        *,
        7 * week + first_dow
        + floor((last_dow - first_dow + 1) * uniform(week_key, purpose || ' day'))::int as day,
        -- Sponsor and champion are met most, then whoever is active.
        case
            when uniform(week_key, purpose || ' contact') < 0.25 then 2
            when uniform(week_key, purpose || ' contact') < 0.6 then 1
            else 1 + floor(active_users * uniform(week_key, purpose || ' whom'))::int
        end as slot,
        uniform(week_key, purpose || ' replies')
        < logistic($reply_logit + reply_trait + $reply_per_health * health) as replies,
        uniform(week_key, purpose || ' attends')
        < logistic($attend_logit + reply_trait + $attend_per_health * health) as attends
    from expected
    where uniform(week_key, purpose) < rate
),

known as (
    select
        kind || '_' || direction || '_' || week_key as touchpoint_id,
        account_id,
        case when uniform(week_key, purpose || ' known') < 0.93
            then holder_id(account_no, slot, first_day, day) end as user_id,
        kind,
        direction,
        case
            when kind = 'meeting' then attends
            when kind = 'email' and direction = 'inbound' then true
            when kind in ('email', 'call') then replies
            when kind = 'webinar' then false
        end as is_two_way,
        false as is_automated,
        case when kind in ('meeting', 'webinar') then attends end as attended,
        at_work(day, uniform(week_key, purpose || ' time')) as occurred_at
    from happened
),

machine_opens as (
    select
        touchpoint_id || '_open' as touchpoint_id,
        account_id,
        user_id,
        kind,
        'inbound' as direction,
        false as is_two_way,
        true as is_automated,
        null::boolean as attended,
        occurred_at + interval 20 second as occurred_at
    from known
    where kind = 'email' and direction = 'outbound' and uniform(touchpoint_id, 'opened') < 0.5
),

final as (
    select * from known
    union all by name
    select * from machine_opens
)

select
    *,
    loaded_after(occurred_at::date, 33) as loaded_at
from final
