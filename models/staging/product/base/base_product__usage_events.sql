{{ config(materialized='view', post_hook=[]) }}

with checked as (
    select * from {{ ref('base_product__checked_usage_events') }}
),

repeated as (
    select * from {{ ref('base_product__repeated_usage_events') }}
),

repeated_keys as (
    select event_id from repeated
    group by event_id
),

final as (
    select
        checked.event_id,
        checked.account_id,
        checked.user_id,
        checked.product_id,
        checked.feature_key,
        checked.occurred_at,
        checked.quantity,
        checked.duration_seconds,
        checked.error_count,
        checked.loaded_at,
        checked.reject_reason,
        1 as duplicate_rank
    from checked
    left join repeated_keys on checked.event_id = repeated_keys.event_id
    where checked.reject_reason is not null or repeated_keys.event_id is null
    union all
    select
        event_id,
        account_id,
        user_id,
        product_id,
        feature_key,
        occurred_at,
        quantity,
        duration_seconds,
        error_count,
        loaded_at,
        reject_reason,
        duplicate_rank
    from repeated
)

select * from final
