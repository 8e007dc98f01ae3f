-- Every churn probability is exactly the sum of its drivers and one reference, and an account
-- without a probability has none.
with sums as (
    select
        account_id,
        as_of_date,
        sum(percentage_points) as percentage_points,
        sum(case when driver_kind = 'reference' then 1 else 0 end) as references_found
    from {{ ref('churn_drivers') }}
    group by account_id, as_of_date
)

select
    coalesce(daily.account_id, sums.account_id) as account_id,
    coalesce(daily.as_of_date, sums.as_of_date) as as_of_date,
    daily.churn_probability,
    sums.percentage_points,
    sums.references_found
from {{ ref('account_health_daily') }} as daily
full outer join sums
    on daily.account_id = sums.account_id
    and daily.as_of_date = sums.as_of_date
where
    (daily.churn_probability is null and sums.account_id is not null)
    or (
        daily.churn_probability is not null
        and (
            coalesce(sums.percentage_points, -1) != 100 * daily.churn_probability
            or coalesce(sums.references_found, 0) != 1
        )
    )
