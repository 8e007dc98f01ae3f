-- How the product is taken up, as measure facts (columns: int_signals__usage_measures): time in it,
-- failures, features adopted, modules, advanced features, products, and people who are new.
with measures_in_use as (
    select * from {{ ref('stg_scorecard__measures_in_use') }}
),

user_days as (
    select * from {{ use_in_windows('int_activity__user_days') }}
),

feature_days as (
    select * from {{ use_in_windows('int_activity__feature_days') }}
),

adopted_features as (
    select * from {{ ref('int_activity__adopted_features') }}
),

product_features as (
    select * from {{ ref('stg_product__product_features') }}
),

adoption as (
    select * from {{ ref('stg_scorecard__adoption') }}
),

periods as (
    select
        account_id,
        starts_on,
        ends_on
    from {{ ref('int_accounts__periods') }}
),

products as (
    select * from {{ ref('int_accounts__products') }}
),

stretches as (
    select * from {{ ref('int_accounts__entitlement_stretches') }}
),

entitlements as (
    select * from {{ ref('int_accounts__entitlement_terms') }}
),

-- What a person did in a product on a day. More minutes than steady_minutes make a long day, which
-- says nothing of coming back.
person_days as (
    select
        user_days.account_id,
        user_days.product_id,
        user_days.user_id,
        user_days.activity_date,
        user_days.events,
        {{ to_decimal(as_double('user_days.duration_seconds') ~ ' / 60', 18, 2) }} as minutes,
        coalesce(own.steady_minutes, anyone.steady_minutes) as steady_minutes
    from user_days
    inner join adoption as anyone
        on anyone.product_id = 'any'
        and user_days.activity_date between anyone.valid_from and anyone.valid_to
    left join adoption as own
        on user_days.product_id = own.product_id
        and user_days.activity_date between own.valid_from and own.valid_to
    where
        user_days.user_id is not null
        and {{ is_counted([
            'user_events', 'minutes', 'steady_minutes', 'new_users', 'product_users'
        ]) }}
),

account_person_days as (
    select
        account_id,
        activity_date,
        sum(events) as events,
        sum(minutes) as minutes,
        sum(case when minutes > steady_minutes then steady_minutes else minutes end)
            as steady_minutes
    from person_days
    group by account_id, activity_date
),

account_failures as (
    select
        account_id,
        activity_date,
        sum(error_count) as failures
    from user_days
    where {{ is_counted(['failures']) }}
    group by account_id, activity_date
),

-- Who is new is told by everybody who ever came.
first_days as (
    select
        account_id,
        user_id,
        min(activity_date) as first_used_on
    from {{ ref('int_activity__user_days') }}
    where user_id is not null and {{ is_counted(['new_users']) }}
    group by account_id, user_id
),

new_users as (
    select
        account_id,
        first_used_on,
        count(*) as users
    from first_days
    group by account_id, first_used_on
),

catalogue_days as (
    select
        feature_days.account_id,
        feature_days.product_id,
        feature_days.feature_key,
        feature_days.activity_date,
        feature_days.events,
        product_features.module,
        product_features.is_advanced
    from feature_days
    inner join product_features
        on feature_days.product_id = product_features.product_id
        and feature_days.feature_key = product_features.feature_key
    where {{ is_counted([
        'adopted_features', 'modules_used', 'graded_feature_events', 'advanced_feature_events'
    ]) }}
),

adopted_days as (
    select
        catalogue_days.account_id,
        catalogue_days.product_id,
        catalogue_days.feature_key,
        catalogue_days.activity_date
    from catalogue_days
    inner join adopted_features
        on catalogue_days.account_id = adopted_features.account_id
        and catalogue_days.product_id = adopted_features.product_id
        and catalogue_days.feature_key = adopted_features.feature_key
        and catalogue_days.activity_date >= adopted_features.adopted_on
),

module_days as (
    select
        account_id,
        product_id,
        module,
        activity_date
    from catalogue_days
    where module is not null and {{ is_counted(['modules_used']) }}
    group by account_id, product_id, module, activity_date
),

catalogues as (
    select
        product_id,
        count(distinct module) as modules,
        max(case when is_advanced then 1 else 0 end) as has_advanced
    from product_features
    group by product_id
),

-- A share of advanced use is told of products that have something advanced.
graded_days as (
    select
        catalogue_days.account_id,
        catalogue_days.product_id,
        catalogue_days.activity_date,
        sum(catalogue_days.events) as events,
        sum(case when catalogue_days.is_advanced then catalogue_days.events else 0 end)
            as advanced_events
    from catalogue_days
    inner join catalogues
        on catalogue_days.product_id = catalogues.product_id
        and catalogues.has_advanced = 1
    where {{ is_counted(['graded_feature_events', 'advanced_feature_events']) }}
    group by
        catalogue_days.account_id, catalogue_days.product_id, catalogue_days.activity_date
),

first_entitlements as (
    select
        account_id,
        product_id,
        min(starts_on) as entitled_on
    from stretches
    group by account_id, product_id
),

product_days as (
    select
        user_days.account_id,
        user_days.product_id,
        user_days.activity_date,
        stretches.ends_on
    from user_days
    inner join stretches
        on user_days.account_id = stretches.account_id
        and user_days.product_id = stretches.product_id
        and user_days.activity_date between stretches.starts_on and stretches.ends_on
    where {{ is_counted(['products_used']) }}
    group by
        user_days.account_id,
        user_days.product_id,
        user_days.activity_date,
        stretches.ends_on
),

-- Of one product alone there is no share to tell.
several_products as (
    select
        periods.account_id,
        periods.starts_on,
        periods.ends_on,
        count(*) as products
    from periods
    inner join products
        on periods.account_id = products.account_id
        and periods.starts_on = products.period_starts_on
    group by periods.account_id, periods.starts_on, periods.ends_on
    having count(*) > 1
),

final as (
    {% for measure, column in [
        ('user_events', 'events'), ('minutes', 'minutes'), ('steady_minutes', 'steady_minutes')
    ] -%}
    select
        '{{ measure }}' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        cast(null as date) as until_date,
        cast({{ column }} as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from account_person_days
    where
        {{ column }} is not null
        and {{ is_counted([measure]) }}

    union all

    {% endfor -%}
    select
        'failures' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        cast(null as date) as until_date,
        cast(failures as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from account_failures
    where
        failures is not null
        and {{ is_counted(['failures']) }}

    union all

    select
        'new_users' as measure_id,
        account_id,
        'all' as product_id,
        first_used_on as fact_date,
        first_used_on as aging_date,
        cast(null as date) as until_date,
        cast(users as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from new_users
    where {{ is_counted(['new_users']) }}

    union all

    select
        'adopted_features' as measure_id,
        account_id,
        product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        {{ counted_anew(['account_id', 'product_id', 'feature_key']) }}
    from adopted_days
    where {{ is_counted(['adopted_features']) }}

    union all

    select
        'modules_used' as measure_id,
        account_id,
        product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        {{ counted_anew(['account_id', 'product_id', 'module']) }}
    from module_days
    where {{ is_counted(['modules_used']) }}

    union all

    select
        'modules_available' as measure_id,
        first_entitlements.account_id,
        first_entitlements.product_id,
        first_entitlements.entitled_on as fact_date,
        cast(null as date) as aging_date,
        cast(null as date) as until_date,
        cast(catalogues.modules as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from first_entitlements
    inner join catalogues on first_entitlements.product_id = catalogues.product_id
    where {{ is_counted(['modules_available']) }}

    union all

    {% for measure, column in [
        ('graded_feature_events', 'events'), ('advanced_feature_events', 'advanced_events')
    ] -%}
    select
        '{{ measure }}' as measure_id,
        account_id,
        product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        cast(null as date) as until_date,
        cast({{ column }} as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from graded_days
    where {{ is_counted([measure]) }}

    union all

    {% endfor -%}
    -- Who may no longer use a product does not have it in use.
    select
        'products_used' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        least(
            coalesce(
                lead(activity_date) over (
                    partition by account_id, product_id
                    order by activity_date
                ),
                cast('9999-01-01' as date)
            ),
            {{ add_days('ends_on', 1) }}
        ) as until_date,
        cast(1 as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from product_days
    where {{ is_counted(['products_used']) }}

    union all

    select
        'products_entitled' as measure_id,
        account_id,
        'all' as product_id,
        starts_on as fact_date,
        cast(null as date) as aging_date,
        {{ add_days('ends_on', 1) }} as until_date,
        cast(products as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from several_products
    where {{ is_counted(['products_entitled']) }}

    union all

    select
        'product_users' as measure_id,
        account_id,
        product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        {{ counted_anew(['account_id', 'product_id', 'user_id']) }}
    from person_days
    where {{ is_counted(['product_users']) }}

    union all

    select
        'entitled_seats' as measure_id,
        account_id,
        product_id,
        starts_on as fact_date,
        cast(null as date) as aging_date,
        {{ add_days('ends_on', 1) }} as until_date,
        cast(seats as decimal(18, 2)) as quantity,
        cast(null as date) as last_date
    from entitlements
    where
        seats is not null
        and {{ is_counted(['entitled_seats']) }}
)

select * from final
