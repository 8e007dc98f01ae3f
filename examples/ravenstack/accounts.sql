-- The file knows each account as it is today, with no history: valid_from stays out, which means
-- "since ever". churn_flag and is_trial are left behind because they are today's and undated: on
-- a past date they would tell what nobody knew yet. seats are taken from the subscriptions.
select
    account_id,
    account_name,
    plan_tier as plan,
    industry,
    country as region,
    signup_date as signed_up_on
from ravenstack_accounts
