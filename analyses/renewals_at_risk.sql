-- What renews soon (the stage renewal of the seed lifecycle, or notice given) and is not healthy.
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
where lifecycle_stage in ('renewal', 'notice_given') and band != 'healthy'
order by renewal_date, recurring_revenue desc, account_id
