-- Versions: no two in force begin together, none extends itself, limits are shares, names say one
-- thing, and what was released stays as it was released.
{%- set seeds = scorecard_seeds() %}

with scorecards as (
    select * from {{ ref('scorecards') }}
),

lineage as (
    select * from {{ ref('base_scorecard__lineage') }}
),

definitions as (
    select * from {{ ref('base_scorecard__definitions') }}
),

releases as (
    select
        scorecard_id,
        scorecard_version,
        seed,
        {{ unmarked('content') }} as content,
        {{ unmarked('row_key') }} as row_key
    from {{ ref('scorecard_releases') }}
    where scorecard_id != 'all'
),

overlapping as (
    select
        'scorecards' as seed,
        scorecard_id || '/' || min(scorecard_version)
        || ' and ' || max(scorecard_version) as row_key,
        'two ' || status || ' versions begin on ' || valid_from as problem,
        'give each its own valid_from, or make one a shadow' as mend
    from scorecards
    where status in ('live', 'expansion')
    group by scorecard_id, status, valid_from
    having count(*) > 1
),

-- Health and readiness to grow are two scores, and no segment is scored for its health by the
-- other, nor by what is shown to nobody.
mixed as (
    select
        'segments' as seed,
        {{ row_key(seeds.segments.key, 'segments') }} as row_key,
        'the scorecard ' || segments.scorecard_id
        || case
            when max(case when scorecards.status = 'expansion' then 1 else 0 end) = 1
                then ' scores readiness to grow'
            else ' has no live version'
        end as problem,
        'name a scorecard whose versions are live' as mend
    from {{ ref('segments') }} as segments
    inner join scorecards on segments.scorecard_id = scorecards.scorecard_id
    group by {{ 'segments.' ~ seeds.segments.key | join(', segments.') }}, segments.scorecard_id
    having
        max(case when scorecards.status = 'expansion' then 1 else 0 end) = 1
        or max(case when scorecards.status = 'live' then 1 else 0 end) = 0
),

circles as (
    select
        'scorecards' as seed,
        {{ row_key(seeds.scorecards.key) }} as row_key,
        'the version extends itself, directly or through others' as problem,
        'let the chain of extends_scorecard_id end at none' as mend
    from lineage
    where depth > 0 and scorecard_id = ancestor_id and scorecard_version = ancestor_version
    group by scorecard_id, scorecard_version
),

limits as (
    select
        'scorecards' as seed,
        {{ row_key(seeds.scorecards.key) }} as row_key,
        'min_coverage and min_dimension_coverage are shares' as problem,
        'write numbers from 0 to 1' as mend
    from scorecards
    where
        {{ try_decimal('min_coverage') }} not between 0 and 1
        or {{ try_decimal('min_dimension_coverage') }} not between 0 and 1
    union all
    select
        'scorecards' as seed,
        {{ row_key(seeds.scorecards.key) }} as row_key,
        'min_dimensions is 0, so that an account without data would get a score' as problem,
        'write 1 or more' as mend
    from scorecards
    where {{ try_decimal('min_dimensions') }} = 0
    union all
    select
        'scorecards' as seed,
        {{ row_key(seeds.scorecards.key) }} as row_key,
        'the margin lies outside 0 to 100' as problem,
        'write points from 0 to 100' as mend
    from scorecards
    where {{ try_decimal('margin') }} not between 0 and 100
    union all
    select
        'scorecards' as seed,
        {{ row_key(seeds.scorecards.key) }} as row_key,
        'the name all stands for all scorecards together' as problem,
        'choose another scorecard_id' as mend
    from scorecards
    where scorecard_id = 'all'
),

edited as (
    select
        definitions.seed,
        definitions.row_key,
        'version ' || definitions.scorecard_version || ' of ' || definitions.scorecard_id
        || ' is released and this row was changed from ' || releases.content
        || ' to ' || definitions.content as problem,
        'put it back and write the change as a new version' as mend
    from definitions
    inner join releases
        on definitions.scorecard_id = releases.scorecard_id
        and definitions.scorecard_version = releases.scorecard_version
        and definitions.seed = releases.seed
        and definitions.row_key = releases.row_key
    where definitions.content != releases.content
),

removed as (
    select
        releases.seed,
        releases.row_key,
        'version ' || releases.scorecard_version || ' of ' || releases.scorecard_id
        || ' is released and this row (' || releases.content || ') is gone' as problem,
        'put it back and write the change as a new version' as mend
    from releases
    left join definitions
        on releases.scorecard_id = definitions.scorecard_id
        and releases.scorecard_version = definitions.scorecard_version
        and releases.seed = definitions.seed
        and releases.row_key = definitions.row_key
    where definitions.row_key is null
),

released_versions as (
    select
        scorecard_id,
        scorecard_version
    from releases
    group by scorecard_id, scorecard_version
),

added as (
    select
        definitions.seed,
        definitions.row_key,
        'version ' || definitions.scorecard_version || ' of ' || definitions.scorecard_id
        || ' is released and this row was added to it' as problem,
        'take it out and write the change as a new version' as mend
    from definitions
    inner join released_versions
        on definitions.scorecard_id = released_versions.scorecard_id
        and definitions.scorecard_version = released_versions.scorecard_version
    left join releases
        on definitions.scorecard_id = releases.scorecard_id
        and definitions.scorecard_version = releases.scorecard_version
        and definitions.seed = releases.seed
        and definitions.row_key = releases.row_key
    where releases.row_key is null
),

final as (
    select seed, row_key, problem, mend from overlapping
    union all
    select seed, row_key, problem, mend from mixed
    union all
    select seed, row_key, problem, mend from circles
    union all
    select seed, row_key, problem, mend from limits
    union all
    select seed, row_key, problem, mend from edited
    union all
    select seed, row_key, problem, mend from removed
    union all
    select seed, row_key, problem, mend from added
)

select * from final
