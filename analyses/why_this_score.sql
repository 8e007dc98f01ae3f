-- Where the points of one account come from, and what costs it most: here the first account of the
-- queue; for another one, ask for its account_id. The contributions sum to the score.
select
    contributions.contribution_kind,
    contributions.dimension_id,
    contributions.signal_id,
    contributions.product_id,
    coalesce(contributions.state_reason, contributions.state) as state,
    cast(contributions.value as decimal(18, 2)) as value,
    cast(contributions.scale as decimal(18, 2)) as scale,
    cast(contributions.points as decimal(5, 1)) as points,
    contributions.contribution,
    contributions.points_lost
from {{ ref('health_contributions') }} as contributions
inner join {{ ref('account_health') }} as account_health
    on contributions.account_id = account_health.account_id
    and contributions.as_of_date = account_health.as_of_date
where account_health.queue_rank = 1
order by contributions.points_lost desc, contributions.signal_id, contributions.product_id
