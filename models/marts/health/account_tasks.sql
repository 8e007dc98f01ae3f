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
    select * from days
    where as_of_date = last_day and task_id != 'none'
),

-- Only what is open today has a day since which it is.
history as (
    select
        days.account_id,
        days.signal_id,
        days.product_id,
        days.as_of_date,
        days.task_id = open_today.task_id as is_open
    from days
    inner join open_today
        on days.account_id = open_today.account_id
        and days.signal_id = open_today.signal_id
        and days.product_id = open_today.product_id
),

last_closed as (
    select
        account_id,
        signal_id,
        product_id,
        max(case when not is_open then as_of_date end) as last_closed_on
    from history
    group by account_id, signal_id, product_id
),

starts as (
    select
        history.account_id,
        history.signal_id,
        history.product_id,
        min(history.as_of_date) as open_since
    from history
    inner join last_closed
        on history.account_id = last_closed.account_id
        and history.signal_id = last_closed.signal_id
        and history.product_id = last_closed.product_id
        and history.as_of_date
        > coalesce(last_closed.last_closed_on, cast('1900-01-01' as date))
    group by history.account_id, history.signal_id, history.product_id
),

final as (
    select
        cast(open_today.account_id as {{ dbt.type_string() }}) as account_id,
        cast(open_today.task_id as {{ dbt.type_string() }}) as task_id,
        cast(open_today.product_id as {{ dbt.type_string() }}) as product_id,
        cast(accounts.account_name as {{ dbt.type_string() }}) as account_name,
        cast(accounts.owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(open_today.task as {{ dbt.type_string() }}) as task,
        cast(open_today.signal_id as {{ dbt.type_string() }}) as signal_id,
        cast(open_today.state as {{ dbt.type_string() }}) as state,
        cast(open_today.state_reason as {{ dbt.type_string() }}) as state_reason,
        cast(starts.open_since as date) as open_since,
        cast(
            {{ days_between('starts.open_since', 'open_today.as_of_date') }} + 1 as integer
        ) as days_open,
        cast(open_today.as_of_date as date) as as_of_date,
        cast(accounts.recurring_revenue as decimal(18, 2)) as recurring_revenue
    from open_today
    inner join starts
        on open_today.account_id = starts.account_id
        and open_today.signal_id = starts.signal_id
        and open_today.product_id = starts.product_id
    inner join accounts on open_today.account_id = accounts.account_id
)

select * from final
