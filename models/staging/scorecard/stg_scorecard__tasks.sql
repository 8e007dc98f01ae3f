-- depends_on: {{ ref('stg_scorecard__errors') }}

with tasks as (
    select * from {{ ref('tasks') }}
),

final as (
    select
        signal_id,
        state_reason,
        operator,
        {{ try_decimal('value') }} as bound,
        task_id,
        task
    from tasks
)

select * from final
