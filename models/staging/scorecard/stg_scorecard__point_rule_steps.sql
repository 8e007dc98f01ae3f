-- depends_on: {{ ref('stg_scorecard__errors') }}

with steps as (
    select * from {{ ref('point_rule_steps') }}
),

final as (
    select
        rule_id,
        {{ try_integer('step_number') }} as step_number,
        event_kind,
        event_key,
        {{ try_integer('consecutive_days') }} as consecutive_days
    from steps
)

select * from final
