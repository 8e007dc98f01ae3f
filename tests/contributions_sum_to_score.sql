-- Every score is exactly the sum of its reasons, and an account without a score has no
-- contribution.
with sums as (
    select
        contributions.account_id,
        contributions.as_of_date,
        sum(contributions.contribution) as contribution,
        max(
            case
                when
                    contributions.contribution_kind = 'signal'
                    and contributions.contribution is null
                    then 1
                else 0
            end
        ) as has_null
    from {{ tested_rows(ref('health_contributions')) }} as contributions
    group by contributions.account_id, contributions.as_of_date
)

select
    daily.account_id,
    daily.as_of_date,
    daily.health_score,
    sums.contribution
from {{ tested_rows(ref('account_health_daily')) }} as daily
full outer join sums
    on daily.account_id = sums.account_id
    and daily.as_of_date = sums.as_of_date
where
    daily.account_id is null
    or (sums.account_id is null and daily.score_reason != 'no_scorecard')
    or (daily.health_score is null and sums.contribution is not null)
    or (daily.health_score is not null and coalesce(sums.contribution, -1) != daily.health_score)
    or (daily.health_score is not null and sums.has_null = 1)
