with source as (
    {{ raw_rows('product', 'product_features') }}
),

products as (
    select product_id from {{ ref('stg_product__products') }}
),

typed as (
    select
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('feature_key') }} as feature_key,
        {{ clean_text('module') }} as module,
        coalesce(cast(is_key_feature as boolean), false) as is_key_feature,
        coalesce(cast(is_advanced as boolean), false) as is_advanced,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.product_id', 'typed.feature_key'],
            product='products.product_id' if source_is_on('products')
        ) }} as reject_reason
    from typed
    left join products on typed.product_id = products.product_id
),

final as (
    {{ with_fates(
        keys=['product_id', 'feature_key'],
        columns=[
            'module',
            'is_key_feature',
            'is_advanced'
        ]
    ) }}
)

select * from final
