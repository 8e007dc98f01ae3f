-- The weights that score an account on a day make the whole score, neither more nor less.
select
    account_id,
    as_of_date,
    sum(effective_weight) as effective_weight
from {{ tested_rows(ref('health_contributions')) }} as contributions
where effective_weight is not null
group by account_id, as_of_date
having abs(sum(effective_weight) - 1) > 0.000001
