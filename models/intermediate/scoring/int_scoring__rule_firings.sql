-- Scorecard version × point rule × account × day on which the rule fires: the first day in time of
-- each episode, and no sooner after a firing than the cooldown allows. Each completion points at
-- the next one that may fire after it, and firings follow these pointers.
with recursive rules as (
    select * from {{ ref('stg_scorecard__point_rules') }}
),

completions as (
    select * from {{ ref('int_signals__rule_completions') }}
),

episodes as (
    select
        rules.scorecard_id,
        rules.scorecard_version,
        rules.rule_id,
        rules.cooldown_days,
        completions.account_id,
        completions.spell_number,
        min(completions.completed_on) as completed_on
    from completions
    inner join rules
        on completions.rule_id = rules.rule_id
        and completions.completed_on
        < {{ add_days('completions.first_step_on', 'rules.completion_days') }}
    group by
        rules.scorecard_id,
        rules.scorecard_version,
        rules.rule_id,
        rules.cooldown_days,
        completions.account_id,
        completions.spell_number,
        completions.episode_starts_on
),

-- Each completion beside the first day on which another may fire after it.
marks as (
    select
        scorecard_id,
        scorecard_version,
        rule_id,
        account_id,
        spell_number,
        completed_on as marked_on,
        completed_on as fires_on,
        cast(null as date) as fired_on
    from episodes
    union all
    select
        scorecard_id,
        scorecard_version,
        rule_id,
        account_id,
        spell_number,
        {{ add_days('completed_on', 'greatest(cooldown_days, 1)') }} as marked_on,
        cast(null as date) as fires_on,
        completed_on as fired_on
    from episodes
),

pointers as (
    select
        *,
        min(fires_on) over (
            partition by scorecard_id, scorecard_version, rule_id, account_id, spell_number
            order by marked_on desc
        ) as next_fires_on
    from marks
),

firings as (
    select
        scorecard_id,
        scorecard_version,
        rule_id,
        account_id,
        spell_number,
        min(completed_on) as fired_on
    from episodes
    group by scorecard_id, scorecard_version, rule_id, account_id, spell_number

    union all

    select
        firings.scorecard_id,
        firings.scorecard_version,
        firings.rule_id,
        firings.account_id,
        firings.spell_number,
        pointers.next_fires_on as fired_on
    from firings
    inner join pointers
        on firings.scorecard_id = pointers.scorecard_id
        and firings.scorecard_version = pointers.scorecard_version
        and firings.rule_id = pointers.rule_id
        and firings.account_id = pointers.account_id
        and firings.spell_number = pointers.spell_number
        and firings.fired_on = pointers.fired_on
    where pointers.next_fires_on is not null
)

select * from firings
