with signals as (
    select
        account_id,
        as_of_date,
        signal_id,
        product_id,
        value,
        state,
        state_reason
    from {{ ref('int_signals__daily') }}
    where signal_id in (select tasks.signal_id from {{ ref('stg_scorecard__tasks') }} as tasks)
),

tasks as (
    select * from {{ ref('stg_scorecard__tasks') }}
),

accounts as (
    select * from {{ ref('account_health') }}
),

account_dates as (
    select * from {{ ref('int_accounts__as_of') }}
),

-- Every day of the present spell of today's accounts, with the task that its state gives.
days as (
    select
        accounts.account_id,
        accounts.as_of_date as last_day,
        signals.as_of_date,
        signals.signal_id,
        signals.product_id,
        signals.state,
        signals.state_reason,
        coalesce(tasks.task_id, 'none') as task_id,
        tasks.task
    from accounts
    inner join account_dates as today
        on accounts.account_id = today.account_id
        and accounts.as_of_date = today.as_of_date
    inner join signals
        on accounts.account_id = signals.account_id
        and signals.as_of_date >= today.spell_starts_on
    left join tasks
        on signals.signal_id = tasks.signal_id
        and coalesce(signals.state_reason, signals.state) = tasks.state_reason
        and (
            tasks.state_reason != 'observed'
            or {{ meets(to_decimal('signals.value', 18, 6), 'tasks.operator', 'tasks.bound') }}
        )
),

open_today as (
    select
        account_id,
        signal_id,
        product_id
    from days
    where as_of_date = last_day and task_id != 'none'
),

-- Only what is open today has a day since which it is.
changes as (
    select
        days.*,
        lag(days.task_id) over (
            partition by days.account_id, days.signal_id, days.product_id
            order by days.as_of_date
        ) as previous_task_id
    from days
    inner join open_today
        on days.account_id = open_today.account_id
        and days.signal_id = open_today.signal_id
        and days.product_id = open_today.product_id
),

starts as (
    select
        *,
        max(
            case when previous_task_id is null or previous_task_id != task_id then as_of_date end
        ) over (
            partition by account_id, signal_id, product_id
            order by as_of_date
        ) as open_since
    from changes
),

final as (
    select
        cast(starts.account_id as {{ dbt.type_string() }}) as account_id,
        cast(starts.task_id as {{ dbt.type_string() }}) as task_id,
        cast(starts.product_id as {{ dbt.type_string() }}) as product_id,
        cast(accounts.account_name as {{ dbt.type_string() }}) as account_name,
        cast(accounts.owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(starts.task as {{ dbt.type_string() }}) as task,
        cast(starts.signal_id as {{ dbt.type_string() }}) as signal_id,
        cast(starts.state as {{ dbt.type_string() }}) as state,
        cast(starts.state_reason as {{ dbt.type_string() }}) as state_reason,
        cast(starts.open_since as date) as open_since,
        cast(
            {{ days_between('starts.open_since', 'starts.as_of_date') }} + 1 as integer
        ) as days_open,
        cast(starts.as_of_date as date) as as_of_date,
        cast(accounts.recurring_revenue as decimal(18, 2)) as recurring_revenue
    from starts
    inner join accounts on starts.account_id = accounts.account_id
    where starts.as_of_date = starts.last_day
)

select * from final
