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
    where row_fate = 'staged'
)

select * from final
