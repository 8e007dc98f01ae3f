-- depends_on: {{ ref('stg_scorecard__errors') }}

with product_weights as (
    select * from {{ ref('base_scorecard__product_weights') }}
),

final as (
    select
        scorecard_id,
        {{ try_integer('scorecard_version') }} as scorecard_version,
        product_id,
        signal_id,
        weight
    from product_weights
)

select * from final
