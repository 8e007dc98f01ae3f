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
        checked.*,
        1 as duplicate_rank
    from checked
    left join repeated_keys on checked.event_id = repeated_keys.event_id
    where checked.reject_reason is not null or repeated_keys.event_id is null
    union all
    select * from repeated
)

select * from final
