-- Account × observation date: plainer guesses that the score has to beat. Usage alone and all
-- signals alike are means of points; recency is days since the last usage event. None of them knows
-- the scorecard's weights.
with observations as (
    select
        account_id,
        observation_date
    from {{ ref('int_outcomes__observations') }}
    group by account_id, observation_date
),

-- Of the few days on which accounts are observed: a filter by day leaves most rows unread.
contributions as (
    select * from {{ ref('int_scoring__contributions') }}
    where
        as_of_date in (select observations.observation_date from observations)
        and status = 'live' and contribution_kind = 'signal' and state = 'observed'
),

signals as (
    select * from {{ ref('stg_scorecard__signals') }}
),

usage_days as (
    select
        account_id,
        activity_date,
        lead(activity_date, 1, cast('9999-01-01' as date)) over (
            partition by account_id
            order by activity_date
        ) as next_activity_date
    from {{ ref('int_accounts__source_days') }}
    where source_id = 'usage_events'
),

means as (
    select
        observations.account_id,
        observations.observation_date,
        avg(contributions.points) as equal_weight_score,
        avg(case when signals.family = 'usage' then contributions.points end) as usage_points
    from observations
    inner join contributions
        on observations.account_id = contributions.account_id
        and observations.observation_date = contributions.as_of_date
    inner join signals on contributions.signal_id = signals.signal_id
    group by observations.account_id, observations.observation_date
),

recency as (
    select
        observations.account_id,
        observations.observation_date,
        {{ days_between(
            'usage_days.activity_date', 'observations.observation_date'
        ) }} as recency_days
    from observations
    inner join usage_days
        on observations.account_id = usage_days.account_id
        and observations.observation_date >= usage_days.activity_date
        and observations.observation_date < usage_days.next_activity_date
),

final as (
    select
        observations.account_id,
        observations.observation_date,
        means.equal_weight_score,
        means.usage_points,
        recency.recency_days
    from observations
    left join means
        on observations.account_id = means.account_id
        and observations.observation_date = means.observation_date
    left join recency
        on observations.account_id = recency.account_id
        and observations.observation_date = recency.observation_date
)

select * from final
