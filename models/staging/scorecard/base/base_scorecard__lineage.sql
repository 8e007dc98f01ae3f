-- Every version with the versions it builds on: itself (depth 0), the one it extends, and so on.
-- The limit of depth only ends a circle, which check_scorecard__versions reports.
with recursive scorecards as (
    select * from {{ ref('scorecards') }}
),

lineage as (
    select
        scorecard_id,
        scorecard_version,
        scorecard_id as ancestor_id,
        scorecard_version as ancestor_version,
        0 as depth
    from scorecards

    union all

    select
        lineage.scorecard_id,
        lineage.scorecard_version,
        scorecards.extends_scorecard_id as ancestor_id,
        scorecards.extends_version as ancestor_version,
        lineage.depth + 1 as depth
    from lineage
    inner join scorecards
        on lineage.ancestor_id = scorecards.scorecard_id
        and lineage.ancestor_version = scorecards.scorecard_version
    where scorecards.extends_scorecard_id != 'none' and lineage.depth < 20
)

select * from lineage
