-- Which signals have no value on the last scored day, for how many accounts, and why. What is off
-- or empty here is what the coverage lacks.
select
    contributions.dimension_id,
    contributions.signal_id,
    contributions.state,
    contributions.state_reason,
    count(distinct contributions.account_id) as accounts
from {{ ref('health_contributions') }} as contributions
inner join {{ ref('account_health') }} as account_health
    on contributions.account_id = account_health.account_id
    and contributions.as_of_date = account_health.as_of_date
where contributions.contribution_kind in ('signal', 'pulse')
    and contributions.state != 'observed'
group by
    contributions.dimension_id,
    contributions.signal_id,
    contributions.state,
    contributions.state_reason
order by contributions.dimension_id, contributions.signal_id, accounts desc
