-- Why an account has its churn probability: the five largest drivers on the last day of the ten
-- accounts with the highest. Empty while no churn model is released.
with most_likely as (
    select
        account_id,
        account_name,
        as_of_date,
        churn_probability,
        row_number() over (order by churn_probability desc, account_id) as place
    from {{ ref('account_health') }}
    where churn_probability is not null
)

select
    most_likely.account_name,
    cast(100 * most_likely.churn_probability as decimal(9, 1)) as percent,
    drivers.driver_rank,
    drivers.label,
    cast(drivers.percentage_points as decimal(9, 1)) as percentage_points
from most_likely
inner join {{ ref('churn_drivers') }} as drivers
    on most_likely.account_id = drivers.account_id
    and most_likely.as_of_date = drivers.as_of_date
where most_likely.place <= 10 and drivers.driver_rank <= 5
order by most_likely.place, drivers.driver_rank
