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
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
