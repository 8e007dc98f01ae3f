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

-- The days on which other limits may begin for a product.
limit_days as (
    select
        product_features.product_id,
        adoption.valid_from
    from product_features
    inner join adoption on adoption.product_id in ('any', product_features.product_id)
    group by product_features.product_id, adoption.valid_from
),

stretches as (
    select
        product_id,
        valid_from,
        {{ holds_until('product_id', 'valid_from') }} as valid_to
    from limit_days
),

limits as (
    select
        product_features.product_id,
        product_features.feature_key,
        stretches.valid_from,
        stretches.valid_to,
        coalesce(own.min_uses, anyone.min_uses) as min_uses,
        coalesce(own.min_users, anyone.min_users) as min_users
    from product_features
    inner join stretches on product_features.product_id = stretches.product_id
    inner join adoption as anyone
        on anyone.product_id = 'any'
        and stretches.valid_from between anyone.valid_from and anyone.valid_to
    left join adoption as own
        on product_features.product_id = own.product_id
        and stretches.valid_from between own.valid_from and own.valid_to
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
        limits.valid_from,
        limits.valid_to,
        min(running_uses.activity_date) as reached_on
    from running_uses
    inner join limits
        on running_uses.product_id = limits.product_id
        and running_uses.feature_key = limits.feature_key
        and running_uses.uses >= limits.min_uses
    group by
        running_uses.account_id,
        running_uses.product_id,
        running_uses.feature_key,
        limits.valid_from,
        limits.valid_to
),

used_by_enough as (
    select
        running_users.account_id,
        running_users.product_id,
        running_users.feature_key,
        limits.valid_from,
        min(running_users.first_used_on) as reached_on
    from running_users
    inner join limits
        on running_users.product_id = limits.product_id
        and running_users.feature_key = limits.feature_key
        and running_users.users >= limits.min_users
    group by
        running_users.account_id,
        running_users.product_id,
        running_users.feature_key,
        limits.valid_from
),

-- The first day on which the limits in force are reached, which may be the day on which they begin.
adopted as (
    select
        used_enough.account_id,
        used_enough.product_id,
        used_enough.feature_key,
        used_enough.valid_to,
        greatest(
            used_enough.reached_on, used_by_enough.reached_on, used_enough.valid_from
        ) as adopted_on
    from used_enough
    inner join used_by_enough
        on used_enough.account_id = used_by_enough.account_id
        and used_enough.product_id = used_by_enough.product_id
        and used_enough.feature_key = used_by_enough.feature_key
        and used_enough.valid_from = used_by_enough.valid_from
),

final as (
    select
        account_id,
        product_id,
        feature_key,
        min(adopted_on) as adopted_on
    from adopted
    where adopted_on <= valid_to
    group by account_id, product_id, feature_key
)

select * from final
