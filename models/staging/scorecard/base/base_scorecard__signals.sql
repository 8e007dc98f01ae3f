-- Signals of every version with what it inherits: the row nearest to the version wins.
with lineage as (
    select * from {{ ref('base_scorecard__lineage') }}
),

scorecard_signals as (
    select * from {{ ref('scorecard_signals') }}
),

ranked as (
    select
        lineage.scorecard_id,
        lineage.scorecard_version,
        scorecard_signals.dimension_id,
        scorecard_signals.signal_id,
        {{ try_decimal('scorecard_signals.weight') }} as weight,
        scorecard_signals.curve_id,
        case when lineage.depth = 0 then 'scorecard' else 'base' end as rule_level,
        row_number() over (
            partition by
                lineage.scorecard_id, lineage.scorecard_version, scorecard_signals.signal_id
            order by lineage.depth
        ) as nearness
    from lineage
    inner join scorecard_signals
        on lineage.ancestor_id = scorecard_signals.scorecard_id
        and lineage.ancestor_version = scorecard_signals.scorecard_version
),

final as (
    select
        scorecard_id,
        scorecard_version,
        dimension_id,
        signal_id,
        weight,
        curve_id,
        rule_level
    from ranked
    where nearness = 1
)

select * from final
