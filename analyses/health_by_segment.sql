-- Accounts and recurring revenue per segment and band.
select
    segment_id,
    band,
    count(*) as accounts,
    sum(recurring_revenue) as recurring_revenue,
    cast(avg(health_score) as decimal(5, 1)) as mean_score
from {{ ref('account_health') }}
group by segment_id, band
order by segment_id, mean_score
