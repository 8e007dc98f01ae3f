-- depends_on: {{ ref('stg_scorecard__errors') }}

with tasks as (
    select * from {{ ref('tasks') }}
),

final as (
    select
        signal_id,
        state_reason,
        task_id,
        task
    from tasks
)

select * from final
