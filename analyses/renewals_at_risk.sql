-- What is under notice, and what renews soon (the stage renewal of the seed lifecycle) and is not
-- healthy.
select
    renewal_date,
    account_name,
    owner_id,
    lifecycle_stage,
    cast(health_score as decimal(5, 1)) as score,
    band,
    recurring_revenue,
    reason_1
from {{ ref('account_health') }}
where lifecycle_stage = 'notice_given' or (lifecycle_stage = 'renewal' and band != 'healthy')
order by case when queue_rank is null then 1 else 0 end, queue_rank, account_id
