-- Account × as_of_date: the spine. An account has a row on its paid days only.
with periods as (
    select * from {{ ref('int_accounts__periods') }}
),

segments as (
    select * from {{ ref('int_accounts__segments') }}
),

scored_days as (
    select calendar_date from {{ ref('int_accounts__calendar') }}
    where is_scored
),

lifecycle as (
    select * from {{ ref('stg_scorecard__lifecycle') }}
),

-- Days soon after a change of anything, whose average looks back into the periods before.
changed_days as (
    select
        periods.account_id,
        periods.spell_number,
        scored_days.calendar_date as as_of_date,
        {{ add_days('scored_days.calendar_date', '1 - lifecycle.seat_average_days') }} as since
    from periods
    inner join scored_days
        on scored_days.calendar_date between periods.starts_on and periods.ends_on
    inner join lifecycle
        on scored_days.calendar_date between lifecycle.valid_from and lifecycle.valid_to
        and scored_days.calendar_date
        < {{ add_days('periods.starts_on', 'lifecycle.seat_average_days - 1') }}
),

earlier_seats as (
    select
        changed_days.account_id,
        changed_days.as_of_date,
        earlier.seats,
        {{ days_between(
            'greatest(earlier.starts_on, changed_days.since)',
            'least(earlier.ends_on, changed_days.as_of_date)'
        ) }} + 1 as days
    from changed_days
    inner join periods as earlier
        on changed_days.account_id = earlier.account_id
        and changed_days.spell_number = earlier.spell_number
        and earlier.starts_on <= changed_days.as_of_date
        and earlier.ends_on >= changed_days.since
    where earlier.seats is not null
),

average_seats as (
    select
        account_id,
        as_of_date,
        {{ as_double('sum(seats * days)') }} / {{ as_double('sum(days)') }} as average_seats
    from earlier_seats
    group by account_id, as_of_date
),

final as (
    select
        periods.account_id,
        scored_days.calendar_date as as_of_date,
        periods.starts_on as period_starts_on,
        periods.spell_number,
        periods.spell_starts_on,
        periods.account_name,
        periods.parent_account_id,
        periods.plan,
        periods.industry,
        periods.use_case,
        periods.region,
        periods.owner_id,
        periods.employees,
        periods.students,
        periods.seats,
        case
            when periods.seats is null then null
            else coalesce(average_seats.average_seats, periods.seats)
        end as average_seats,
        periods.recurring_revenue,
        periods.renewal_date,
        {{ days_between('periods.first_paid_on', 'scored_days.calendar_date') }} + 1 as tenure_days,
        periods.is_under_notice,
        periods.lifecycle_stage,
        segments.segment_id,
        segments.scorecard_id
    from periods
    inner join scored_days
        on scored_days.calendar_date between periods.starts_on and periods.ends_on
    left join segments
        on periods.account_id = segments.account_id
        and periods.starts_on = segments.starts_on
    left join average_seats
        on periods.account_id = average_seats.account_id
        and scored_days.calendar_date = average_seats.as_of_date
)

select * from final
