-- depends_on: {{ ref('stg_scorecard__errors') }}

with adoption as (
    select * from {{ ref('adoption') }}
),

final as (
    select
        product_id,
        {{ try_date('valid_from') }} as valid_from,
        {{ holds_until('product_id') }} as valid_to,
        {{ try_integer('min_uses') }} as min_uses,
        {{ try_integer('min_users') }} as min_users,
        {{ try_integer('steady_minutes') }} as steady_minutes
    from adoption
)

select * from final
