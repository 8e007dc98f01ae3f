-- Which features of which product were used on which day.
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
        feature_key,
        activity_date,
        cast(sum(events) as bigint) as events,
        sum(quantity) as quantity
    from usage_days
    where feature_key is not null
    group by account_id, product_id, feature_key, activity_date
)

select * from final
