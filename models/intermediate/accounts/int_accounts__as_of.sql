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
)

select * from final
