-- What is sold may be used, for as long and by as many. Automation is not limited by seats in the
-- enterprise plan.
select
    'ent_' || subscription_periods.account_no || '_' || subscription_periods.spell || '_'
    || subscription_periods.product_id || '_'
    || row_number() over (
        partition by subscription_periods.subscription_id
        order by subscription_periods.period_first_day
    ) as entitlement_id,
    subscription_periods.account_id,
    subscription_periods.product_id,
    on_day(subscription_periods.period_first_day) as starts_on,
    on_day(subscription_periods.period_last_day) as ends_on,
    cast(null as date) as ends_before,
    case
        when subscription_periods.case_name = 'seats_unknown' then null
        when subscription_periods.case_name = 'zero_seats' then 0
        when subscription_periods.product_id = 'automate' and account_traits.plan = 'enterprise'
            then null
        else subscription_periods.seats
    end as seats,
    loaded_after(on_day(subscription_periods.period_first_day), 11) as loaded_at
from subscription_periods
inner join account_traits on subscription_periods.account_no = account_traits.account_no
