with base as (
    select * from {{ ref('base_product__product_features') }}
),

final as (
    select
        product_id,
        feature_key,
        module,
        is_key_feature,
        is_advanced,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
