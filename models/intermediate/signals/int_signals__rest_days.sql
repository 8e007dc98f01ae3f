-- Signal × region × as_of_date on which the calendar makes the signal mean nothing: enough rest
-- days of the region lie in the numerator's window.
with signals as (
    select * from {{ ref('stg_scorecard__signals') }}
    where is_measured and not is_derived and rest_days_to_suppress > 0
),

calendar_days as (
    select * from {{ ref('stg_crm__calendar_days') }}
),

regions as (
    select lower(region) as region from {{ ref('int_accounts__periods') }}
    where region is not null and lower(region) != 'all'
    group by lower(region)
    union all
    select 'all' as region
),

scored_days as (
    select calendar_date from {{ ref('int_accounts__calendar') }}
    where is_scored
),

final as (
    select
        signals.signal_id,
        regions.region,
        scored_days.calendar_date as as_of_date
    from signals
    cross join regions
    cross join scored_days
    inner join calendar_days
        on lower(calendar_days.region) in ('all', regions.region)
        and calendar_days.calendar_date <= scored_days.calendar_date
        and calendar_days.calendar_date
        > {{ add_days('scored_days.calendar_date', '-signals.numerator_window_days') }}
    group by
        signals.signal_id,
        regions.region,
        scored_days.calendar_date,
        signals.rest_days_to_suppress
    having count(distinct calendar_days.calendar_date) >= signals.rest_days_to_suppress
)

select * from final
