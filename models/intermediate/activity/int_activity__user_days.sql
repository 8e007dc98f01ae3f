-- Who used which product on which day.
{{ config(
    materialized='incremental',
    incremental_strategy='event_days',
    meta={'touched_by': 'events', 'date_column': 'activity_date'}
) }}

with usage_days as (
    select * from {{ rows_of_changed_days('int_activity__usage_days', 'stored.activity_date') }}
),

final as (
    select
        account_id,
        product_id,
        user_id,
        activity_date,
        cast(sum(events) as bigint) as events,
        sum(quantity) as quantity,
        sum(duration_seconds) as duration_seconds,
        cast(sum(timed_events) as bigint) as timed_events,
        sum(error_count) as error_count,
        cast(sum(watched_events) as bigint) as watched_events
    from usage_days
    group by account_id, product_id, user_id, activity_date
)

select * from final
