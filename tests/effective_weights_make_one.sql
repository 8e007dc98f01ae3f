-- The weights that score an account on a day make the whole score, neither more nor less.
select
    contributions.account_id,
    contributions.as_of_date,
    sum(contributions.effective_weight) as effective_weight
from {{ tested_rows(ref('health_contributions')) }} as contributions
where contributions.effective_weight is not null
group by contributions.account_id, contributions.as_of_date
having abs(sum(contributions.effective_weight) - 1) > 0.000001
