-- Who needs attention first, and why: accounts below the best band, then recurring revenue × points
-- lost, decide the order. The reason stands among the first six columns, which dbt show prints.
select
    queue_rank,
    account_name,
    cast(health_score as decimal(5, 1)) as score,
    band,
    reason_1,
    recurring_revenue,
    owner_id
from {{ ref('account_health') }}
where queue_rank <= 10
order by queue_rank
