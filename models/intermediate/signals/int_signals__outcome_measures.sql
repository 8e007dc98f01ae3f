-- Success plans as measure facts (columns: int_signals__usage_measures). Of two statuses at one
-- moment, such as those of a plan that knows days only, the later one of the list counts.
{%- set statuses = ['planned', 'in_progress', 'achieved', 'missed', 'cancelled'] %}

with success_goals as (
    select * from {{ ref('stg_crm__success_goals') }}
),

statuses as (
    select
        account_id,
        status,
        cast(status_changed_at as date) as changed_on,
        due_on,
        cast(lead(status_changed_at) over (
            partition by account_id, goal_id
            order by
                status_changed_at,
                case status
                    {%- for status in statuses %}
                    when '{{ status }}' then {{ loop.index }}
                    {%- endfor %}
                end
        ) as date) as next_changed_on
    from success_goals
),

-- An open goal stays in the plan as long as it is open; one that came to its end ages from there.
plan as (
    select
        account_id,
        status,
        changed_on,
        due_on,
        next_changed_on,
        status in ('planned', 'in_progress') as is_open,
        case when status in ('achieved', 'missed') then changed_on end as ended_on
    from statuses
    where status != 'cancelled'
),

final as (
    select
        'goals_planned' as measure_id,
        account_id,
        'all' as product_id,
        changed_on as fact_date,
        ended_on as aging_date,
        next_changed_on as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from plan

    union all

    select
        'goals_on_track' as measure_id,
        account_id,
        'all' as product_id,
        changed_on as fact_date,
        ended_on as aging_date,
        case
            when is_open then least({{ add_days('due_on', 1) }}, next_changed_on)
            else next_changed_on
        end as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from plan
    where is_open or status = 'achieved'
)

select * from final
