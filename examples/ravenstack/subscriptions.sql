-- mrr_amount is per month whatever the billing frequency: arr_amount is twelve times it in every
-- row. end_date is taken for the last paid day: some subscriptions end on the day they start. No
-- renewal date is made up from billing_frequency, which says how often a bill is sent and not how
-- long a term runs.
select
    subscription_id,
    account_id,
    'ravenstack' as product_id,
    start_date as starts_on,
    end_date as ends_on,
    seats,
    mrr_amount as monthly_recurring_revenue,
    auto_renew_flag as auto_renews,
    is_trial
from ravenstack_subscriptions
