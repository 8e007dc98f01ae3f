-- Source × day: whether the source has fallen silent. A silence is late when it has lasted for
-- late_after_days, when it is longer than the source's usual gap between deliveries, and when
-- late_after_rows rows would have come in it at the source's usual rate. So neither a quiet company
-- nor a weekly feed is called late, and a busy source is called late soon.
with sources as (
    select * from {{ ref('stg_scorecard__sources') }}
),

source_tables as (
    select
        source_id,
        max(table_name) as table_name
    from sources
    group by source_id
),

source_dates as (
    select
        source_days.source_id,
        source_days.activity_date,
        sum(source_days.row_count) as row_count
    from {{ ref('int_accounts__source_days') }} as source_days
    inner join source_tables on source_days.source_id = source_tables.source_id
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
        sources.valid_from,
        sources.late_after_days,
        sources.late_after_rows,
        sources.rate_window_days,
        sources.gap_tolerance,
        {{ add_days('running.last_row_date', '-sources.rate_window_days') }} as rated_after
    from running
    inner join sources
        on running.source_id = sources.source_id
        and running.calendar_date between sources.valid_from and sources.valid_to
),

-- A delivery is a day with rows, or a day on which the table was loaded: rows dated by the day come
-- late all the same where they are loaded by the week.
deliveries as (
    select
        source_id,
        'rows' as kind,
        activity_date as delivered_on
    from source_dates
    union all
    select
        source_tables.source_id,
        'loads' as kind,
        row_counts.known_on as delivered_on
    from source_tables
    inner join {{ ref('int_activity__row_counts') }} as row_counts
        on source_tables.table_name = row_counts.source_id
    where row_counts.last_loaded_at is not null
    group by source_tables.source_id, row_counts.known_on
),

neighbours as (
    select
        source_id,
        kind,
        delivered_on,
        lag(delivered_on) over (
            partition by source_id, kind
            order by delivered_on
        ) as previous_on,
        lead(delivered_on) over (
            partition by source_id, kind
            order by delivered_on
        ) as next_on
    from deliveries
),

gaps as (
    select
        source_id,
        kind,
        delivered_on,
        {{ days_between('previous_on', 'delivered_on') }} as gap_days
    from neighbours
    where previous_on is not null
),

-- Only a silence that late_after_days calls late has to be held against the usual gap, which is
-- learnt from what came before it.
silence_starts as (
    select
        neighbours.source_id,
        neighbours.delivered_on as last_row_date,
        sources.valid_from,
        sources.usual_gap_share,
        {{ add_days('neighbours.delivered_on', '-sources.rate_window_days') }} as learnt_after
    from neighbours
    inner join sources
        on neighbours.source_id = sources.source_id
        and neighbours.delivered_on <= sources.valid_to
        and (neighbours.next_on is null or neighbours.next_on > sources.valid_from)
    where
        neighbours.kind = 'rows'
        and (
            neighbours.next_on is null
            or {{ days_between('neighbours.delivered_on', 'neighbours.next_on') }}
            > sources.late_after_days
        )
),

ranked_gaps as (
    select
        silence_starts.source_id,
        silence_starts.last_row_date,
        silence_starts.valid_from,
        silence_starts.usual_gap_share,
        gaps.gap_days,
        row_number() over (
            partition by
                silence_starts.source_id,
                silence_starts.last_row_date,
                silence_starts.valid_from,
                gaps.kind
            order by gaps.gap_days, gaps.delivered_on
        ) as gap_rank,
        count(*) over (
            partition by
                silence_starts.source_id,
                silence_starts.last_row_date,
                silence_starts.valid_from,
                gaps.kind
        ) as gap_count
    from silence_starts
    inner join gaps
        on silence_starts.source_id = gaps.source_id
        and gaps.delivered_on > silence_starts.learnt_after
        and gaps.delivered_on <= silence_starts.last_row_date
),

-- The longest gaps are left out, so that a source that was dark once does not teach that it may be.
usual_gaps as (
    select
        source_id,
        last_row_date,
        valid_from,
        max(gap_days) as usual_gap_days
    from ranked_gaps
    where gap_rank <= usual_gap_share * gap_count
    group by source_id, last_row_date, valid_from
),

silences as (
    select
        rated.source_id,
        rated.first_date,
        rated.calendar_date,
        rated.last_row_date,
        rated.late_after_days,
        rated.late_after_rows,
        coalesce(rated.gap_tolerance * usual_gaps.usual_gap_days, 0) as usual_silence_days,
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
    left join usual_gaps
        on rated.source_id = usual_gaps.source_id
        and rated.last_row_date = usual_gaps.last_row_date
        and rated.valid_from = usual_gaps.valid_from
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
                and silent_days >= usual_silence_days
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
