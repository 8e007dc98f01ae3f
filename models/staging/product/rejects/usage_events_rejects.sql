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
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
