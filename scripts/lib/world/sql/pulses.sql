-- A CSM's view of the account every five to nine weeks, in the plans that have a CSM. Authors
-- differ: one in eight sees nothing but green.
with judged as (
    select
        account_weeks.account_no,
        account_weeks.week,
        account_weeks.health,
        account_traits.account_id,
        week_key(account_weeks.account_no, account_weeks.week) as week_key,
        7 * account_weeks.week + account_weeks.last_dow as day
    from account_weeks
    inner join account_traits on account_weeks.account_no = account_traits.account_no
    where
        not account_traits.is_silent
        and coalesce(account_traits.case_name, '') not in ('red_pulse', 'expired_red_pulse')
        and (account_traits.plan <> 'basic' or uniform(account_weeks.account_no, 'has csm') < 0.1)
        and (account_weeks.week + account_weeks.account_no) % (5 + account_weeks.account_no % 5) = 0
        and uniform(week_key(account_weeks.account_no, account_weeks.week), 'judges') < 0.8
),

authored as (
    select
        *,
        -- The owner as in accounts; now and then a colleague stands in.
        1 + floor($owners * case
            when uniform(week_key, 'stands in') < 0.1 then uniform(week_key, 'colleague')
            else uniform(account_no, 'first owner')
        end)::int as author_no,
        $pulse_per_health * health + $pulse_noise_sd * normal(week_key, 'pulse') as impression
    from judged
),

valued as (
    select
        account_id,
        'pul_' || week_key as pulse_id,
        'csm_' || lpad(author_no::varchar, 3, '0') as author_id,
        case
            when author_no % 8 = 3 then 'green'
            when impression < -1.2 then 'red'
            when impression < -0.3 then 'yellow'
            else 'green'
        end as value,
        at_work(day, uniform(week_key, 'pulse time')) as set_at,
        case when uniform(week_key, 'pulse lasts') < 0.3 then 45 else 90 end as lasts_days
    from authored
    union all by name
    select
        account_traits.account_id,
        'pul_' || account_traits.account_no || '_planted' as pulse_id,
        'csm_001' as author_id,
        'red' as value,
        at_work($days - planted_pulses.days_before_end, 0.5) as set_at,
        planted_pulses.lasts_days
    from (values ('red_pulse', 10, 60), ('expired_red_pulse', 80, 60))
        as planted_pulses (case_name, days_before_end, lasts_days)
    inner join account_traits on planted_pulses.case_name = account_traits.case_name
)

select
    pulse_id,
    account_id,
    author_id,
    value,
    case value
        when 'red' then pick(
            ['Sponsor does not answer', 'Looks at a competitor', 'Project on hold'],
            uniform(pulse_id, 'reason')
        )
        when 'yellow' then pick(
            ['Slow adoption', 'New contact, plan unclear', 'Open defects'],
            uniform(pulse_id, 'reason')
        )
        else pick(
            ['Good review meeting', 'Roll-out on plan', 'Asked for more seats'],
            uniform(pulse_id, 'reason')
        )
    end as reason,
    set_at,
    set_at + to_days(lasts_days) as expires_at,
    loaded_after(set_at::date, 34) as loaded_at
from valued
