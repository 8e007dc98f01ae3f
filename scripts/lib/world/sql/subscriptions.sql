select
    subscription_id,
    cast(null as varchar) as subscription_item_id,
    account_id,
    product_id,
    on_day(period_first_day) as starts_on,
    on_day(period_last_day) as ends_on,
    cast(null as date) as ends_before,
    case
        when case_name = 'seats_unknown' then null
        when case_name = 'zero_seats' then 0
        else seats
    end as seats,
    monthly_recurring_revenue,
    currency,
    on_day(renewal_day) as renewal_date,
    auto_renews,
    is_trial,
    on_day(notice_day) as notice_given_on,
    -- A row is loaded when it begins, and again when the notice is entered.
    loaded_after(on_day(greatest(period_first_day, notice_day)), 10) as loaded_at
from subscription_periods
