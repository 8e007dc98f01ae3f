-- Point rules of every version with what it inherits: the row nearest to the version wins.
with lineage as (
    select * from {{ ref('base_scorecard__lineage') }}
),

point_rules as (
    select * from {{ ref('point_rules') }}
),

ranked as (
    select
        lineage.scorecard_id,
        lineage.scorecard_version,
        point_rules.rule_id,
        {{ try_decimal('point_rules.points') }} as points,
        point_rules.completion_days,
        point_rules.expires_after_days,
        point_rules.cooldown_days,
        {{ try_decimal('point_rules.limit_points') }} as limit_points,
        point_rules.label,
        case when lineage.depth = 0 then 'scorecard' else 'base' end as rule_level,
        row_number() over (
            partition by lineage.scorecard_id, lineage.scorecard_version, point_rules.rule_id
            order by lineage.depth
        ) as nearness
    from lineage
    inner join point_rules
        on lineage.ancestor_id = point_rules.scorecard_id
        and lineage.ancestor_version = point_rules.scorecard_version
),

final as (
    select
        scorecard_id,
        scorecard_version,
        rule_id,
        points,
        completion_days,
        expires_after_days,
        cooldown_days,
        limit_points,
        label,
        rule_level
    from ranked
    where nearness = 1
)

select * from final
