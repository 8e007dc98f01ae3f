-- Account × period: the longest stretches of paid days on which nothing about the account changes.
-- All attributes, seats, revenue and the stage of the lifecycle are settled here, once a period and
-- not once a day.
with terms as (
    select * from {{ ref('int_accounts__subscription_terms') }}
),

stretches as (
    select * from {{ ref('int_accounts__paid_stretches') }}
),

entitlement_stretches as (
    select * from {{ ref('int_accounts__entitlement_stretches') }}
),

accounts as (
    select
        *,
        {{ add_days(
            "lead(valid_from, 1, cast('9999-01-01' as date)) over ("
            "partition by account_id order by valid_from)", -1
        ) }} as valid_to,
        row_number() over (partition by account_id order by valid_from) as version_number
    from {{ ref('stg_crm__accounts') }}
),

notices as (
    select
        account_id,
        notice_given_on,
        ends_on
    from {{ ref('int_activity__churn_events') }}
    where ends_on is not null
),

lifecycle as (
    select * from {{ ref('stg_scorecard__lifecycle') }}
),

segments as (
    select * from {{ ref('stg_scorecard__segments') }}
),

scored_days as (
    select
        min(calendar_date) as first_day,
        max(calendar_date) as last_day
    from {{ ref('int_accounts__calendar') }}
    where is_scored
),

first_days as (
    select
        account_id,
        min(first_paid_on) as first_paid_on
    from stretches
    group by account_id
),

-- Each select names one thing that may change an account on a day.
change_dates as (
    select account_id, starts_on as change_date from terms
    union
    select account_id, {{ add_days('ends_on', 1) }} from terms
    union
    select account_id, notice_given_on from terms
    union
    select account_id, {{ add_days('renewal_date', 1) }} from terms
    union
    select terms.account_id, {{ add_days('terms.renewal_date', '-lifecycle.renewal_window_days') }}
    from terms
    cross join lifecycle
    where
        {{ add_days('terms.renewal_date', '-lifecycle.renewal_window_days') }}
        between lifecycle.valid_from and lifecycle.valid_to
    union
    select account_id, starts_on from entitlement_stretches
    union
    select account_id, {{ add_days('ends_on', 1) }} from entitlement_stretches
    union
    select account_id, valid_from from accounts
    union
    select account_id, notice_given_on from notices
    union
    select account_id, {{ add_days('ends_on', 1) }} from notices
    union
    select
        stretches.account_id,
        {{ add_days('stretches.spell_starts_on', 'lifecycle.onboarding_days') }}
    from stretches
    cross join lifecycle
    where
        {{ add_days('stretches.spell_starts_on', 'lifecycle.onboarding_days') }}
        between lifecycle.valid_from and lifecycle.valid_to
    union
    select
        stretches.account_id,
        {{ add_days('stretches.spell_starts_on', 'lifecycle.reactivated_days') }}
    from stretches
    cross join lifecycle
    where
        {{ add_days('stretches.spell_starts_on', 'lifecycle.reactivated_days') }}
        between lifecycle.valid_from and lifecycle.valid_to
    union
    select first_days.account_id, lifecycle.valid_from
    from first_days
    cross join lifecycle
    union
    select first_days.account_id, {{ add_days('first_days.first_paid_on', 'segments.bound - 1') }}
    from first_days
    inner join segments on segments.attribute = 'tenure_days'
    union
    select first_days.account_id, segments.valid_from
    from first_days
    cross join segments
    union
    select first_days.account_id, {{ add_days('segments.valid_to', 1) }}
    from first_days
    cross join segments
    union
    select first_days.account_id, scored_days.first_day
    from first_days
    cross join scored_days
),

periods as (
    select
        change_dates.account_id,
        change_dates.change_date as starts_on,
        {{ add_days(
            "lead(change_dates.change_date, 1, " ~ add_days('scored_days.last_day', 1) ~ ") over ("
            "partition by change_dates.account_id order by change_dates.change_date)", -1
        ) }} as ends_on
    from change_dates
    cross join scored_days
    where change_dates.change_date between scored_days.first_day and scored_days.last_day
),

paid_periods as (
    select
        periods.account_id,
        periods.starts_on,
        periods.ends_on,
        stretches.spell_number,
        stretches.spell_starts_on,
        stretches.first_paid_on
    from periods
    inner join stretches
        on periods.account_id = stretches.account_id
        and periods.starts_on between stretches.starts_on and stretches.ends_on
),

period_terms as (
    select
        paid_periods.account_id,
        paid_periods.starts_on,
        {{ clean_number('sum(terms.seats)', 'bigint') }} as seats,
        -- A sum that lacks a price would be too low.
        case
            when max(case when terms.is_revenue_unknown then 1 else 0 end) = 0
                then sum(terms.recurring_revenue)
        end as recurring_revenue,
        min(
            case when terms.renewal_date >= paid_periods.starts_on then terms.renewal_date end
        ) as renewal_date,
        max(
            case when terms.notice_given_on <= paid_periods.starts_on then 1 else 0 end
        ) as has_notice,
        min(case when terms.is_trial then 1 else 0 end) as is_trial
    from paid_periods
    inner join terms
        on paid_periods.account_id = terms.account_id
        and paid_periods.starts_on between terms.starts_on and terms.ends_on
    group by paid_periods.account_id, paid_periods.starts_on
),

period_notices as (
    select
        paid_periods.account_id,
        paid_periods.starts_on
    from paid_periods
    inner join notices
        on paid_periods.account_id = notices.account_id
        and paid_periods.starts_on between notices.notice_given_on and notices.ends_on
    group by paid_periods.account_id, paid_periods.starts_on
),

final as (
    select
        paid_periods.account_id,
        paid_periods.starts_on,
        paid_periods.ends_on,
        paid_periods.spell_number,
        paid_periods.spell_starts_on,
        paid_periods.first_paid_on,
        accounts.account_name,
        accounts.parent_account_id,
        accounts.plan,
        accounts.industry,
        accounts.use_case,
        accounts.region,
        accounts.owner_id,
        accounts.employees,
        accounts.students,
        cast(period_terms.seats as bigint) as seats,
        cast(period_terms.recurring_revenue as decimal(18, 2)) as recurring_revenue,
        period_terms.renewal_date,
        {{ days_between('paid_periods.first_paid_on', 'paid_periods.starts_on') }} + 1
            as tenure_days,
        (
            period_terms.has_notice = 1 or period_notices.account_id is not null
        ) as is_under_notice,
        -- A word of the CRM that is no stage of the lifecycle says nothing about it.
        coalesce(
            case
                when lower(accounts.lifecycle_stage) in ('{{ lifecycle_stages() | join("', '") }}')
                    then lower(accounts.lifecycle_stage)
            end,
            case
                when
                    period_terms.has_notice = 1
                    or period_notices.account_id is not null
                    then 'notice_given'
                when period_terms.is_trial = 1 then 'trial'
                when
                    paid_periods.spell_number > 1
                    and paid_periods.starts_on
                    < {{ add_days('paid_periods.spell_starts_on', 'lifecycle.reactivated_days') }}
                    then 'reactivated'
                when
                    paid_periods.starts_on
                    < {{ add_days('paid_periods.spell_starts_on', 'lifecycle.onboarding_days') }}
                    then 'onboarding'
                when
                    paid_periods.starts_on
                    >= {{ add_days('period_terms.renewal_date', '-lifecycle.renewal_window_days') }}
                    then 'renewal'
                else 'adopted'
            end
        ) as lifecycle_stage
    from paid_periods
    inner join period_terms
        on paid_periods.account_id = period_terms.account_id
        and paid_periods.starts_on = period_terms.starts_on
    left join period_notices
        on paid_periods.account_id = period_notices.account_id
        and paid_periods.starts_on = period_notices.starts_on
    inner join accounts
        on paid_periods.account_id = accounts.account_id
        and (
            paid_periods.starts_on between accounts.valid_from and accounts.valid_to
            or (accounts.version_number = 1 and paid_periods.starts_on < accounts.valid_from)
        )
    inner join lifecycle
        on paid_periods.starts_on between lifecycle.valid_from and lifecycle.valid_to
)

select * from final
