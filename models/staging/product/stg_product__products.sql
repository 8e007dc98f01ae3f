with base as (
    select * from {{ ref('base_product__products') }}
),

final as (
    select
        product_id,
        product_name,
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
