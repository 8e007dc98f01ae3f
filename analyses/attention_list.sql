-- Who needs attention first, and why: accounts below the best band, then recurring revenue × points
-- lost, decide the order.
select
    queue_rank,
    account_name,
    owner_id,
    cast(health_score as decimal(5, 1)) as score,
    band,
    recurring_revenue,
    reason_1
from {{ ref('account_health') }}
where queue_rank <= 10
order by queue_rank
