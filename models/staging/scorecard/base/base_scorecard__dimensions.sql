-- Dimensions of every version with what it inherits: the row nearest to the version wins.
with lineage as (
    select * from {{ ref('base_scorecard__lineage') }}
),

dimensions as (
    select * from {{ ref('dimensions') }}
),

ranked as (
    select
        lineage.scorecard_id,
        lineage.scorecard_version,
        dimensions.dimension_id,
        {{ try_decimal('dimensions.weight') }} as weight,
        lineage.depth,
        row_number() over (
            partition by lineage.scorecard_id, lineage.scorecard_version, dimensions.dimension_id
            order by lineage.depth
        ) as nearness
    from lineage
    inner join dimensions
        on lineage.ancestor_id = dimensions.scorecard_id
        and lineage.ancestor_version = dimensions.scorecard_version
),

final as (
    select
        scorecard_id,
        scorecard_version,
        dimension_id,
        weight
    from ranked
    where nearness = 1
)

select * from final
