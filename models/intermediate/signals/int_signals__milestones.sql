-- Account × as_of_date × pace signal: the share of the milestones due by the day that were reached
-- by then. A milestone that nothing could tell of is not counted against anybody.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with signals as (
    select * from {{ ref('stg_scorecard__signals') }}
    where is_measured and calculation = 'pace'
),

account_dates as (
    select
        account_id,
        as_of_date,
        period_starts_on,
        spell_starts_on
    from {{ touched('int_accounts__as_of') }}
),

milestones as (
    select * from {{ ref('int_milestones__due') }}
    where is_timed
),

observed as (
    select
        account_id,
        as_of_date,
        signal_id
    from {{ touched('int_signals__measured') }}
    where
        state = 'observed'
        and signal_id in (select milestones.signal_id from milestones)
    group by account_id, as_of_date, signal_id
),

counted as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        account_dates.spell_starts_on,
        count(milestones.milestone_id) as milestones_set,
        count(
            case when account_dates.as_of_date >= milestones.due_on then 1 end
        ) as milestones_due,
        count(
            case
                when account_dates.as_of_date < milestones.due_on then null
                when milestones.reached_on <= account_dates.as_of_date then 1
                when milestones.signal_id = 'none' then 1
                when observed.signal_id is not null then 1
            end
        ) as milestones_told,
        count(
            case
                when
                    account_dates.as_of_date >= milestones.due_on
                    and milestones.reached_on <= account_dates.as_of_date
                    then 1
            end
        ) as milestones_reached
    from account_dates
    left join milestones
        on account_dates.account_id = milestones.account_id
        and account_dates.period_starts_on = milestones.period_starts_on
        and account_dates.as_of_date between milestones.valid_from and milestones.valid_to
    left join observed
        on account_dates.account_id = observed.account_id
        and account_dates.as_of_date = observed.as_of_date
        and milestones.signal_id = observed.signal_id
    group by account_dates.account_id, account_dates.as_of_date, account_dates.spell_starts_on
),

reasoned as (
    select
        counted.*,
        signals.signal_id,
        signals.multiplier,
        case
            when counted.milestones_set = 0 then 'no_milestones'
            when
                counted.as_of_date
                < {{ add_days('counted.spell_starts_on', 'signals.min_history_days - 1') }}
                or counted.milestones_due = 0
                then 'too_young'
            when counted.milestones_told = 0 then 'nothing_to_measure'
        end as reason
    from counted
    cross join signals
),

final as (
    select
        account_id,
        as_of_date,
        signal_id,
        'all' as product_id,
        {{ as_double('1') }} as product_share,
        cast(milestones_reached as decimal(18, 2)) as numerator,
        cast(milestones_told as decimal(18, 2)) as denominator,
        case
            when reason is null
                then
                    {{ as_double('milestones_reached') }} * multiplier
                    / {{ as_double('milestones_told') }}
        end as value,
        {{ as_double('1') }} as scale,
        case
            when reason is null then 'observed'
            when reason = 'no_milestones' then 'not_applicable'
            when reason = 'too_young' then 'in_grace'
            else 'missing'
        end as state,
        reason as state_reason,
        {{ as_double('1') }} as freshness,
        cast(null as date) as held_on
    from reasoned
)

select * from final
