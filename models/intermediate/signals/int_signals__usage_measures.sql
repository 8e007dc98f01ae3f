-- Usage as measure facts. All measure models have the same columns:
--   fact_date    the first day on which the fact counts
--   aging_date   the day its age is counted from; a window of n days holds it for n days. Null: a
--                level, which does not age
--   until_date   the day from which it no longer counts, whatever the window: for distinct counts
--                the day on which the same thing is counted anew
--   quantity     what it adds
-- Measures of use say besides
--   last_date    where a thing is counted anew on until_date with the same quantity: the day on
--                which it was counted before, 1900-01-01 where it never was. A window that holds
--                both days sees no change.
with measures_in_use as (
    select * from {{ ref('stg_scorecard__measures_in_use') }}
),

user_days as (
    select * from {{ use_in_windows('int_activity__user_days') }}
),

feature_days as (
    select * from {{ use_in_windows('int_activity__feature_days') }}
),

product_features as (
    select * from {{ ref('stg_product__product_features') }}
),

products as (
    select
        account_id,
        product_id,
        min(period_starts_on) as entitled_on
    from {{ ref('int_accounts__products') }}
    group by account_id, product_id
),

account_days as (
    select
        account_id,
        activity_date,
        sum(events) as events,
        count(distinct user_id) as user_days
    from user_days
    where {{ is_counted(['events', 'active_days', 'user_days']) }}
    group by account_id, activity_date
),

person_days as (
    select
        account_id,
        user_id,
        activity_date
    from user_days
    where user_id is not null
    group by account_id, user_id, activity_date
),

catalogue_days as (
    select
        feature_days.account_id,
        feature_days.product_id,
        feature_days.feature_key,
        feature_days.activity_date,
        product_features.is_key_feature,
        {{ counted_anew(
            ['feature_days.account_id', 'feature_days.product_id', 'feature_days.feature_key'],
            'feature_days.activity_date'
        ) }}
    from feature_days
    inner join product_features
        on feature_days.product_id = product_features.product_id
        and feature_days.feature_key = product_features.feature_key
    where {{ is_counted(['features_used', 'key_features_used']) }}
),

catalogues as (
    select
        product_id,
        count(*) as features,
        sum(case when is_key_feature then 1 else 0 end) as key_features
    from product_features
    group by product_id
),

final as (
    select
        'events' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        cast(null as date) as until_date,
        cast(events as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from account_days
    where {{ is_counted(['events']) }}

    union all

    select
        'active_days' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        cast(null as date) as until_date,
        cast(1 as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from account_days
    where {{ is_counted(['active_days']) }}

    union all

    select
        'user_days' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        cast(null as date) as until_date,
        cast(user_days as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from account_days
    where {{ is_counted(['user_days']) }}

    union all

    select
        'active_users' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        {{ counted_anew(['account_id', 'user_id']) }}
    from person_days
    where {{ is_counted(['active_users']) }}

    union all

    select
        'features_used' as measure_id,
        account_id,
        product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        until_date,
        quantity,
        last_date
    from catalogue_days
    where {{ is_counted(['features_used']) }}

    union all

    select
        'key_features_used' as measure_id,
        account_id,
        product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        until_date,
        quantity,
        last_date
    from catalogue_days
    where
        is_key_feature
        and {{ is_counted(['key_features_used']) }}

    union all

    select
        'features_available' as measure_id,
        products.account_id,
        products.product_id,
        products.entitled_on as fact_date,
        cast(null as date) as aging_date,
        cast(null as date) as until_date,
        cast(catalogues.features as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from products
    inner join catalogues on products.product_id = catalogues.product_id
    where {{ is_counted(['features_available']) }}

    union all

    select
        'key_features_available' as measure_id,
        products.account_id,
        products.product_id,
        products.entitled_on as fact_date,
        cast(null as date) as aging_date,
        cast(null as date) as until_date,
        cast(catalogues.key_features as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from products
    inner join catalogues on products.product_id = catalogues.product_id
    where {{ is_counted(['key_features_available']) }}
)

select * from final
