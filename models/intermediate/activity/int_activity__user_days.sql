-- Who used which product on which day. One of the readers of usage events. Our own people are left
-- out; use without a person (an API key) has no user_id.
{{ config(
    materialized='incremental',
    incremental_strategy='event_days',
    meta={'touched_by': 'events', 'date_column': 'activity_date'}
) }}

with usage_events as (
    select * from {{ events_of_changed_days('stg_product__usage_events') }}
),

internal_users as (
    select user_id from {{ ref('stg_crm__users') }}
    where is_internal
),

final as (
    select
        usage_events.account_id,
        usage_events.product_id,
        usage_events.user_id,
        cast(usage_events.occurred_at as date) as activity_date,
        count(*) as events,
        sum(usage_events.quantity) as quantity,
        sum(usage_events.duration_seconds) as duration_seconds,
        count(usage_events.duration_seconds) as timed_events,
        sum(usage_events.error_count) as error_count,
        count(usage_events.error_count) as watched_events
    from usage_events
    left join internal_users on usage_events.user_id = internal_users.user_id
    where internal_users.user_id is null
    group by
        usage_events.account_id,
        usage_events.product_id,
        usage_events.user_id,
        cast(usage_events.occurred_at as date)
)

select * from final
