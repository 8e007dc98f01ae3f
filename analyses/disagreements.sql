-- Where the people who judge and the data see an account in different bands.
select
    account_name,
    owner_id,
    cast(health_score as decimal(5, 1)) as score,
    band,
    cast(data_score as decimal(5, 1)) as data_score,
    data_band,
    recurring_revenue,
    reason_1
from {{ ref('account_health') }}
where band != data_band
order by recurring_revenue desc, account_id
