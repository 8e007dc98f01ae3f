{{ config(meta={'touched_by': 'events', 'date_column': 'occurred_at'}) }}

with base as (
    select * from {{ ref('base_product__usage_events') }}
),

final as (
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
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
