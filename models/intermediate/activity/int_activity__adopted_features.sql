-- Account × product × feature: the day from which a feature of the catalogue counts as adopted,
-- because enough people have used it often enough since the account is on record.
with feature_days as (
    select * from {{ ref('int_activity__feature_days') }}
),

feature_users as (
    select * from {{ ref('int_activity__feature_users') }}
),

product_features as (
    select
        product_id,
        feature_key
    from {{ ref('stg_product__product_features') }}
),

adoption as (
    select * from {{ ref('stg_scorecard__adoption') }}
),

limits as (
    select
        product_features.product_id,
        product_features.feature_key,
        coalesce(own.min_uses, anyone.min_uses) as min_uses,
        coalesce(own.min_users, anyone.min_users) as min_users
    from product_features
    inner join adoption as anyone on anyone.product_id = 'any'
    left join adoption as own on product_features.product_id = own.product_id
),

running_uses as (
    select
        account_id,
        product_id,
        feature_key,
        activity_date,
        sum(events) over (
            partition by account_id, product_id, feature_key
            order by activity_date
        ) as uses
    from feature_days
),

running_users as (
    select
        account_id,
        product_id,
        feature_key,
        first_used_on,
        row_number() over (
            partition by account_id, product_id, feature_key
            order by first_used_on, user_id
        ) as users
    from feature_users
),

used_enough as (
    select
        running_uses.account_id,
        running_uses.product_id,
        running_uses.feature_key,
        min(running_uses.activity_date) as reached_on
    from running_uses
    inner join limits
        on running_uses.product_id = limits.product_id
        and running_uses.feature_key = limits.feature_key
        and running_uses.uses >= limits.min_uses
    group by running_uses.account_id, running_uses.product_id, running_uses.feature_key
),

used_by_enough as (
    select
        running_users.account_id,
        running_users.product_id,
        running_users.feature_key,
        min(running_users.first_used_on) as reached_on
    from running_users
    inner join limits
        on running_users.product_id = limits.product_id
        and running_users.feature_key = limits.feature_key
        and running_users.users >= limits.min_users
    group by running_users.account_id, running_users.product_id, running_users.feature_key
),

final as (
    select
        used_enough.account_id,
        used_enough.product_id,
        used_enough.feature_key,
        greatest(used_enough.reached_on, used_by_enough.reached_on) as adopted_on
    from used_enough
    inner join used_by_enough
        on used_enough.account_id = used_by_enough.account_id
        and used_enough.product_id = used_by_enough.product_id
        and used_enough.feature_key = used_by_enough.feature_key
)

select * from final
