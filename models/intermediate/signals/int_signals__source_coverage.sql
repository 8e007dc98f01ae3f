-- Signal × as_of_date: whether its sources are on, still speak, and reach back over the signal's
-- whole span; and where one is late, the last scored day before it was.
with signals as (
    select
        signal_id,
        sources,
        numerator_window_days,
        case
            when denominator = 'none' then numerator_window_days
            else greatest(numerator_window_days, denominator_offset_days + denominator_window_days)
        end as span_days
    from {{ ref('stg_scorecard__signals') }}
    where is_measured and not is_derived
),

sources as (
    select * from {{ ref('stg_scorecard__sources') }}
),

lateness as (
    select * from {{ ref('int_signals__source_lateness') }}
),

filled_sources as (
    select source_id from {{ ref('int_accounts__source_days') }}
    union
    select 'product_features' as source_id from {{ ref('stg_product__product_features') }}
),

scored_days as (
    select calendar_date from {{ ref('int_accounts__calendar') }}
    where is_scored
),

signal_sources as (
    select
        signals.signal_id,
        signals.span_days,
        sources.source_id,
        sources.table_name,
        sources.valid_from,
        sources.valid_to,
        sources.is_on,
        sources.max_late_share,
        -- The catalogue has no dates: it only has to be on, and to have a row.
        sources.source_id != 'product_features' as is_dated,
        filled_sources.source_id is not null as is_filled
    from signals
    inner join sources
        on {{ dbt.position(
            "'|' || sources.source_id || '|'", "'|' || signals.sources || '|'"
        ) }} > 0
    left join filled_sources on sources.source_id = filled_sources.source_id
),

judged as (
    select
        signal_sources.signal_id,
        signal_sources.table_name,
        scored_days.calendar_date as as_of_date,
        case when signal_sources.is_on then 0 else 1 end as is_off,
        case when signal_sources.is_filled then 0 else 1 end as is_empty,
        case
            when not signal_sources.is_dated then 0
            when today.is_late = 1 then 1
            when
                today.late_days_so_far - coalesce(before.late_days_so_far, 0)
                > signal_sources.max_late_share * signal_sources.span_days
                then 1
            else 0
        end as is_late,
        case
            when not signal_sources.is_dated then 1
            when
                today.first_date
                <= {{ add_days('scored_days.calendar_date', '1 - signal_sources.span_days') }}
                then 1
            else 0
        end as is_covering
    from signal_sources
    inner join scored_days
        on scored_days.calendar_date between signal_sources.valid_from and signal_sources.valid_to
    left join lateness as today
        on signal_sources.source_id = today.source_id
        and scored_days.calendar_date = today.calendar_date
    left join lateness as before
        on signal_sources.source_id = before.source_id
        and {{ add_days('scored_days.calendar_date', '-signal_sources.span_days') }}
        = before.calendar_date
),

signal_days as (
    select
        signal_id,
        as_of_date,
        max(is_off) as is_off,
        max(is_empty) as is_empty,
        max(is_late) as is_late,
        min(is_covering) as is_covering,
        min(case when is_late = 1 then table_name end) as first_late_table,
        max(case when is_late = 1 then table_name end) as last_late_table
    from judged
    group by signal_id, as_of_date
),

final as (
    select
        signal_id,
        as_of_date,
        is_off,
        is_empty,
        is_late,
        is_covering,
        case when first_late_table = last_late_table then first_late_table end as late_table,
        case
            when is_late = 1
                then
                    max(case when is_late = 0 then as_of_date end) over (
                        partition by signal_id
                        order by as_of_date
                    )
        end as held_on
    from signal_days
)

select * from final
