-- Account × product × feature × person: the first day on which the person used the feature. Says by
-- how many people a feature has been taken up.
with usage_days as (
    select * from {{ ref('int_activity__usage_days') }}
),

final as (
    select
        account_id,
        product_id,
        feature_key,
        user_id,
        min(activity_date) as first_used_on
    from usage_days
    where feature_key is not null and user_id is not null
    group by account_id, product_id, feature_key, user_id
)

select * from final
