-- Whose score fell most in four weeks.
select
    account_name,
    owner_id,
    cast(health_score - health_score_change_28d as decimal(5, 1)) as score_before,
    cast(health_score as decimal(5, 1)) as score,
    cast(health_score_change_28d as decimal(5, 1)) as score_change,
    band,
    recurring_revenue,
    reason_1
from {{ ref('account_health') }}
where health_score_change_28d < 0
order by health_score_change_28d, account_id
