with base as (
    select * from {{ ref('base_product__products') }}
),

final as (
    select
        product_id,
        product_name,
        loaded_at
    from base
    where row_fate = 'staged'
)

select * from final
