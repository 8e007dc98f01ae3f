with base as (
    select * from {{ ref('base_product__products') }}
),

final as (
    select
        product_id,
        product_name,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
