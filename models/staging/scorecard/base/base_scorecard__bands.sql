-- Bands of every version, taken as a whole from the nearest version that has any.
with lineage as (
    select * from {{ ref('base_scorecard__lineage') }}
),

bands as (
    select * from {{ ref('bands') }}
),

ranked as (
    select
        lineage.scorecard_id,
        lineage.scorecard_version,
        bands.band_id,
        {{ try_decimal('bands.lower_bound') }} as lower_bound,
        {{ try_decimal('bands.upper_bound') }} as upper_bound,
        lineage.depth,
        min(lineage.depth) over (
            partition by lineage.scorecard_id, lineage.scorecard_version
        ) as nearest_depth
    from lineage
    inner join bands
        on lineage.ancestor_id = bands.scorecard_id
        and lineage.ancestor_version = bands.scorecard_version
),

final as (
    select
        scorecard_id,
        scorecard_version,
        band_id,
        lower_bound,
        upper_bound
    from ranked
    where depth = nearest_depth
)

select * from final
