-- Account × observation date × item, an item being the score, a dimension or a signal: its points,
-- null where it was not observed. What drift is measured on.
with observations as (
    select
        account_id,
        observation_date,
        coalesce(scorecard_id, 'none') as scorecard_id,
        coalesce(scorecard_version, 0) as scorecard_version,
        health_score
    from {{ ref('int_outcomes__observations') }}
    group by account_id, observation_date, scorecard_id, scorecard_version, health_score
),

dimensions as (
    select * from {{ ref('dimension_health_daily') }}
),

-- Of the few days on which accounts are observed: a filter by day leaves most rows unread.
contributions as (
    select * from {{ ref('int_scoring__contributions') }}
    where
        as_of_date in (select observations.observation_date from observations)
        and status = 'live' and contribution_kind = 'signal'
),

-- Products of one account are averaged.
signals as (
    select
        observations.account_id,
        observations.observation_date,
        observations.scorecard_id,
        observations.scorecard_version,
        contributions.signal_id,
        avg({{ as_double('contributions.points') }}) as points
    from observations
    inner join contributions
        on observations.account_id = contributions.account_id
        and observations.observation_date = contributions.as_of_date
    group by
        observations.account_id,
        observations.observation_date,
        observations.scorecard_id,
        observations.scorecard_version,
        contributions.signal_id
),

final as (
    select
        account_id,
        observation_date,
        scorecard_id,
        scorecard_version,
        'score' as item_kind,
        'health_score' as item_id,
        cast(health_score as decimal(9, 4)) as points
    from observations
    union all
    select
        observations.account_id,
        observations.observation_date,
        observations.scorecard_id,
        observations.scorecard_version,
        'dimension' as item_kind,
        dimensions.dimension_id as item_id,
        cast(dimensions.dimension_score as decimal(9, 4)) as points
    from observations
    inner join dimensions
        on observations.account_id = dimensions.account_id
        and observations.observation_date = dimensions.as_of_date
    union all
    select
        account_id,
        observation_date,
        scorecard_id,
        scorecard_version,
        'signal' as item_kind,
        signal_id as item_id,
        {{ to_decimal('points', 9, 4) }} as points
    from signals
)

select * from final
