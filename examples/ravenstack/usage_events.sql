-- Usage is recorded per subscription, day and feature; the account is the subscription's. A
-- usage_id that occurs twice stays twice, for the build to count, and so does usage dated outside
-- its subscription. Nobody recorded who used it: user_id stays out.
select
    usage.usage_id as event_id,
    subscriptions.account_id,
    'ravenstack' as product_id,
    usage.feature_name as feature_key,
    usage.usage_date as occurred_at,
    usage.usage_count as quantity,
    usage.usage_duration_secs as duration_seconds,
    usage.error_count
from ravenstack_feature_usage as usage
-- A left join: usage of an unknown subscription is rejected by the build, not lost here.
left join ravenstack_subscriptions as subscriptions
    on usage.subscription_id = subscriptions.subscription_id
