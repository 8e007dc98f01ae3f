-- Source × day: whether the source still speaks. A silence is late when it is long
-- (late_after_days) and when at the source's usual rate late_after_rows rows would have come in it,
-- so that a quiet company is not called late and a busy one is called so soon.
with sources as (
    select * from {{ ref('stg_scorecard__sources') }}
),

source_dates as (
    select
        source_days.source_id,
        source_days.activity_date,
        sum(source_days.row_count) as row_count
    from {{ ref('int_accounts__source_days') }} as source_days
    inner join sources on source_days.source_id = sources.source_id
    where source_days.is_paid
    group by source_days.source_id, source_days.activity_date
),

first_dates as (
    select
        source_id,
        min(activity_date) as first_date
    from source_dates
    group by source_id
),

calendar as (
    select calendar_date from {{ ref('int_accounts__calendar') }}
),

running as (
    select
        first_dates.source_id,
        first_dates.first_date,
        calendar.calendar_date,
        sum(coalesce(source_dates.row_count, 0)) over (
            partition by first_dates.source_id
            order by calendar.calendar_date
        ) as rows_so_far,
        max(source_dates.activity_date) over (
            partition by first_dates.source_id
            order by calendar.calendar_date
        ) as last_row_date
    from first_dates
    inner join calendar on first_dates.first_date <= calendar.calendar_date
    left join source_dates
        on first_dates.source_id = source_dates.source_id
        and calendar.calendar_date = source_dates.activity_date
),

-- Where the days begin over which the usual rate is taken. By itself, since PostgreSQL joins by
-- what is of one table only, and would else compare every day with every other one.
rated as {{ materialized() }} (
    select
        running.*,
        sources.late_after_days,
        sources.late_after_rows,
        sources.rate_window_days,
        {{ add_days('running.last_row_date', '-sources.rate_window_days') }} as rated_after
    from running
    inner join sources on running.source_id = sources.source_id
),

silences as (
    select
        rated.source_id,
        rated.first_date,
        rated.calendar_date,
        rated.last_row_date,
        rated.late_after_days,
        rated.late_after_rows,
        {{ days_between('rated.last_row_date', 'rated.calendar_date') }} as silent_days,
        -- No rows came since last_row_date, so the rows so far are the rows up to it.
        {{ as_double('rated.rows_so_far - coalesce(earlier.rows_so_far, 0)') }}
        / least(
            rated.rate_window_days,
            {{ days_between('rated.first_date', 'rated.last_row_date') }} + 1
        ) as rows_a_day
    from rated
    left join running as earlier
        on rated.source_id = earlier.source_id
        and rated.rated_after = earlier.calendar_date
),

judged as (
    select
        source_id,
        first_date,
        calendar_date,
        last_row_date,
        case
            when
                silent_days >= late_after_days
                and silent_days * rows_a_day >= late_after_rows
                then 1
            else 0
        end as is_late
    from silences
),

final as (
    select
        source_id,
        first_date,
        calendar_date,
        last_row_date,
        is_late,
        sum(is_late) over (partition by source_id order by calendar_date) as late_days_so_far
    from judged
)

select * from final
