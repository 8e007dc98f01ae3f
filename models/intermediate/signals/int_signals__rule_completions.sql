-- Point rule × account × spell × day on which its steps were all done, in order, whatever a
-- scorecard makes of it. From each day of the last step the way leads back to the latest day of the
-- step before, and so on to the first, so that no other choice of days lies closer together.
with recursive steps as (
    select
        *,
        step_number = max(step_number) over (partition by rule_id) as is_last_step
    from {{ ref('stg_scorecard__point_rule_steps') }}
),

event_days as (
    select
        account_id,
        event_kind,
        event_key,
        event_date
    from {{ ref('int_activity__event_days') }}
    group by account_id, event_kind, event_key, event_date
),

spells as (
    select
        account_id,
        spell_number,
        min(starts_on) as starts_on,
        max(ends_on) as ends_on
    from {{ ref('int_accounts__paid_stretches') }}
    group by account_id, spell_number
),

step_events as (
    select
        steps.rule_id,
        steps.step_number,
        steps.consecutive_days,
        steps.is_last_step,
        spells.account_id,
        spells.spell_number,
        event_days.event_date,
        lag(event_days.event_date) over (
            partition by
                steps.rule_id, steps.step_number, spells.account_id, spells.spell_number
            order by event_days.event_date
        ) as previous_date
    from steps
    inner join event_days
        on steps.event_kind = event_days.event_kind
        and steps.event_key = event_days.event_key
    inner join spells
        on event_days.account_id = spells.account_id
        and event_days.event_date between spells.starts_on and spells.ends_on
),

runs as (
    select
        *,
        max(
            case
                when previous_date is null then event_date
                when previous_date < {{ add_days('event_date', -1) }} then event_date
            end
        ) over (
            partition by rule_id, step_number, account_id, spell_number
            order by event_date
        ) as run_starts_on
    from step_events
),

step_days as (
    select * from runs
    where {{ add_days('run_starts_on', 'consecutive_days - 1') }} <= event_date
),

-- Each day of a step beside the days of the step before it.
marks as (
    select
        rule_id,
        account_id,
        spell_number,
        step_number,
        is_last_step,
        event_date,
        run_starts_on,
        cast(null as date) as earlier_step_on
    from step_days
    union all
    select
        rule_id,
        account_id,
        spell_number,
        step_number + 1 as step_number,
        is_last_step,
        event_date,
        cast(null as date) as run_starts_on,
        event_date as earlier_step_on
    from step_days
),

links as (
    select
        *,
        max(earlier_step_on) over (
            partition by rule_id, account_id, spell_number, step_number
            order by event_date
        ) as previous_step_on
    from marks
),

ways_back as (
    select
        rule_id,
        account_id,
        spell_number,
        event_date as completed_on,
        step_number,
        event_date,
        previous_step_on,
        run_starts_on
    from links
    where is_last_step and run_starts_on is not null

    union all

    select
        ways_back.rule_id,
        ways_back.account_id,
        ways_back.spell_number,
        ways_back.completed_on,
        links.step_number,
        links.event_date,
        links.previous_step_on,
        links.run_starts_on
    from ways_back
    inner join links
        on ways_back.rule_id = links.rule_id
        and ways_back.account_id = links.account_id
        and ways_back.spell_number = links.spell_number
        and ways_back.step_number - 1 = links.step_number
        and ways_back.previous_step_on = links.event_date
    where links.run_starts_on is not null
),

final as (
    select
        rule_id,
        account_id,
        spell_number,
        completed_on,
        event_date as first_step_on,
        run_starts_on as episode_starts_on
    from ways_back
    where step_number = 1
)

select * from final
