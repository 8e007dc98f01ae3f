-- Weights of single products in every version, with what it inherits: the row nearest to the
-- version wins.
with lineage as (
    select * from {{ ref('base_scorecard__lineage') }}
),

product_weights as (
    select * from {{ ref('product_weights') }}
),

ranked as (
    select
        lineage.scorecard_id,
        lineage.scorecard_version,
        product_weights.product_id,
        product_weights.signal_id,
        {{ try_decimal('product_weights.weight') }} as weight,
        row_number() over (
            partition by
                lineage.scorecard_id,
                lineage.scorecard_version,
                product_weights.product_id,
                product_weights.signal_id
            order by lineage.depth
        ) as nearness
    from lineage
    inner join product_weights
        on lineage.ancestor_id = product_weights.scorecard_id
        and lineage.ancestor_version = product_weights.scorecard_version
),

final as (
    select
        scorecard_id,
        scorecard_version,
        product_id,
        signal_id,
        weight
    from ranked
    where nearness = 1
)

select * from final
