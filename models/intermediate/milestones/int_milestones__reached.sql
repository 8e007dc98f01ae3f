-- Account × spell × milestone × valid_from: the first day on which this condition of the milestone
-- held, by events counted since the spell began or by the value of a signal. What is reached stays
-- reached.
with milestones as (
    select * from {{ ref('stg_scorecard__milestones') }}
),

spells as (
    select
        account_id,
        spell_number,
        min(spell_starts_on) as spell_starts_on,
        max(ends_on) as spell_ends_on
    from {{ ref('int_accounts__periods') }}
    group by account_id, spell_number
),

event_days as (
    select * from {{ ref('int_activity__event_days') }}
),

measured as (
    select
        account_id,
        as_of_date,
        signal_id,
        product_id,
        cast(value / scale as decimal(28, 9)) as scaled_value
    from {{ ref('int_signals__measured') }}
    where state = 'observed'
),

running_events as (
    select
        milestones.milestone_id,
        milestones.valid_from,
        milestones.value as needed,
        spells.account_id,
        spells.spell_number,
        event_days.event_date,
        sum(event_days.events) over (
            partition by
                milestones.milestone_id,
                milestones.valid_from,
                spells.account_id,
                spells.spell_number
            order by event_days.event_date
        ) as events_so_far
    from milestones
    inner join event_days
        on milestones.event_kind = event_days.event_kind
        and milestones.event_key = event_days.event_key
        and milestones.product_id in ('all', event_days.product_id)
    inner join spells
        on event_days.account_id = spells.account_id
        and event_days.event_date between spells.spell_starts_on and spells.spell_ends_on
),

met_on_days as (
    select
        milestone_id,
        valid_from,
        account_id,
        spell_number,
        event_date as met_on
    from running_events
    where events_so_far >= needed
    union all
    select
        milestones.milestone_id,
        milestones.valid_from,
        spells.account_id,
        spells.spell_number,
        measured.as_of_date as met_on
    from milestones
    inner join measured
        on milestones.signal_id = measured.signal_id
        and milestones.product_id in ('all', measured.product_id)
        and case
            when milestones.operator = 'at_least' then measured.scaled_value >= milestones.value
            else measured.scaled_value <= milestones.value
        end
    inner join spells
        on measured.account_id = spells.account_id
        and measured.as_of_date between spells.spell_starts_on and spells.spell_ends_on
),

final as (
    select
        milestone_id,
        valid_from,
        account_id,
        spell_number,
        min(met_on) as reached_on
    from met_on_days
    group by milestone_id, valid_from, account_id, spell_number
)

select * from final
