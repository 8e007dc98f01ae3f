-- What people decide stands apart from what is measured, so that the score without it can be told:
-- judgement signals have dimensions of their own. Every pulse has a level, and a task is one thing
-- to do about one signal.
with signals as (
    select * from {{ ref('base_scorecard__signals') }}
),

dimensions as (
    select * from {{ ref('base_scorecard__dimensions') }}
),

registry as (
    select * from {{ ref('signals') }}
),

tasks as (
    select * from {{ ref('tasks') }}
),

mixed as (
    select
        'scorecard_signals' as seed,
        signals.scorecard_id || '/' || signals.scorecard_version
        || '/' || signals.dimension_id as row_key,
        'the dimension mixes signals of the family judgement with measured ones' as problem,
        'give judgement a dimension of its own' as mend
    from signals
    inner join dimensions
        on signals.scorecard_id = dimensions.scorecard_id
        and signals.scorecard_version = dimensions.scorecard_version
        and signals.dimension_id = dimensions.dimension_id
    inner join registry on signals.signal_id = registry.signal_id
    where signals.weight > 0 and dimensions.weight > 0
    group by signals.scorecard_id, signals.scorecard_version, signals.dimension_id
    having
        max(case when registry.family = 'judgement' then 1 else 0 end)
        != min(case when registry.family = 'judgement' then 1 else 0 end)
),

pulse_levels as (
    {% for value in scorecard_seeds().pulse_levels.cells.value -%}
    select
        'pulse_levels' as seed,
        '{{ value }}' as row_key,
        'the pulse has no level' as problem,
        'add the row' as mend
    from {{ ref('pulse_levels') }}
    having coalesce(max(case when value = '{{ value }}' then 1 end), 0) = 0
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

split_tasks as (
    select
        'tasks' as seed,
        task_id as row_key,
        'the rows of one task differ in signal or words' as problem,
        'give them the same, or another task_id' as mend
    from tasks
    group by task_id
    having min(signal_id) != max(signal_id) or min(task) != max(task)
),

unfit_tasks as (
    select
        'tasks' as seed,
        {{ row_key(scorecard_seeds().tasks.key) }} as row_key,
        'operator is "' || operator || '"' as problem,
        case
            when operator = 'none' then 'write one: the signal is observed'
            else 'write none: the signal has no value'
        end as mend
    from tasks
    where (operator = 'none') = (state_reason = 'observed')
),

final as (
    select seed, row_key, problem, mend from mixed
    union all
    select seed, row_key, problem, mend from pulse_levels
    union all
    select seed, row_key, problem, mend from split_tasks
    union all
    select seed, row_key, problem, mend from unfit_tasks
)

select * from final
