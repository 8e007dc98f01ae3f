-- depends_on: {{ ref('stg_scorecard__errors') }}

with point_rules as (
    select * from {{ ref('base_scorecard__point_rules') }}
),

final as (
    select
        scorecard_id,
        {{ try_integer('scorecard_version') }} as scorecard_version,
        rule_id,
        cast(points as decimal(9, 4)) as points,
        {{ try_integer('completion_days') }} as completion_days,
        {{ try_integer('expires_after_days') }} as expires_after_days,
        {{ try_integer('cooldown_days') }} as cooldown_days,
        cast(limit_points as decimal(9, 4)) as limit_points,
        label,
        rule_level
    from point_rules
    where points != 0
)

select * from final
