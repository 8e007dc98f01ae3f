-- Who used which feature of which product on which day: the only roll-up that reads usage events.
-- Our own people are left out; use without a person (an API key) has no user_id, and features are
-- told apart only where something asks for them.
{{ config(
    materialized='incremental',
    incremental_strategy='event_days',
    meta={'touched_by': 'events', 'date_column': 'activity_date'}
) }}

with usage_events as (
    select * from {{ rows_of_changed_days(
        'stg_product__usage_events', 'cast(stored.occurred_at as date)'
    ) }}
),

feature_use as (
    select * from {{ ref('stg_scorecard__feature_use') }}
),

told as (
    select
        usage_events.account_id,
        usage_events.product_id,
        usage_events.user_id,
        case when feature_use.is_asked = 1 then usage_events.feature_key end as feature_key,
        cast(usage_events.occurred_at as date) as activity_date,
        usage_events.quantity,
        usage_events.duration_seconds,
        usage_events.error_count
    from usage_events
    cross join feature_use
    {{ join_people('usage_events') }}
    where not {{ is_our_own() }}
),

final as (
    select
        account_id,
        product_id,
        user_id,
        feature_key,
        activity_date,
        count(*) as events,
        sum(quantity) as quantity,
        sum(duration_seconds) as duration_seconds,
        count(duration_seconds) as timed_events,
        sum(error_count) as error_count,
        count(error_count) as watched_events
    from told
    group by account_id, product_id, user_id, feature_key, activity_date
)

select * from final
