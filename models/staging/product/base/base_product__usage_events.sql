{{ config(materialized='view', post_hook=[]) }}
{%- set columns = [
    'event_id', 'account_id', 'user_id', 'product_id', 'feature_key', 'occurred_at', 'quantity',
    'duration_seconds', 'error_count', 'loaded_at', 'reject_reason'
] %}

with checked as (
    select * from {{ ref('base_product__checked_usage_events') }}
),

repeated as (
    select * from {{ ref('base_product__repeated_usage_events') }}
),

repeated_keys as (
    select
        account_id,
        event_id
    from repeated
    group by account_id, event_id
),

final as (
    select
        {%- for column in columns %}
        checked.{{ column }},
        {%- endfor %}
        case when checked.reject_reason is null then 'staged' else 'rejected' end as row_fate
    from checked
    left join repeated_keys
        on checked.account_id = repeated_keys.account_id
        and checked.event_id = repeated_keys.event_id
    where checked.reject_reason is not null or repeated_keys.event_id is null
    union all
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        row_fate
    from repeated
)

select * from final
