-- Risk caps of every version with what it inherits: the row nearest to the version wins.
with lineage as (
    select * from {{ ref('base_scorecard__lineage') }}
),

risk_caps as (
    select * from {{ ref('risk_caps') }}
),

ranked as (
    select
        lineage.scorecard_id,
        lineage.scorecard_version,
        risk_caps.cap_id,
        risk_caps.signal_id,
        risk_caps.operator,
        {{ try_decimal('risk_caps.value') }} as value,
        {{ try_decimal('risk_caps.max_score') }} as max_score,
        risk_caps.max_band,
        risk_caps.label,
        case when lineage.depth = 0 then 'scorecard' else 'base' end as rule_level,
        row_number() over (
            partition by lineage.scorecard_id, lineage.scorecard_version, risk_caps.cap_id
            order by lineage.depth
        ) as nearness
    from lineage
    inner join risk_caps
        on lineage.ancestor_id = risk_caps.scorecard_id
        and lineage.ancestor_version = risk_caps.scorecard_version
),

final as (
    select
        scorecard_id,
        scorecard_version,
        cap_id,
        signal_id,
        operator,
        value,
        max_score,
        max_band,
        label,
        rule_level
    from ranked
    where nearness = 1
)

select * from final
