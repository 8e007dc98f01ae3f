-- Contracts and money as measure facts (columns: int_signals__usage_measures).
with invoices as (
    select * from {{ ref('int_activity__invoices') }}
),

terms as (
    select * from {{ ref('int_accounts__subscription_terms') }}
),

balances as (
    select * from {{ ref('int_activity__invoice_balances') }}
    where collectible_amount is not null
),

payment_days as (
    select * from {{ ref('int_activity__payment_days') }}
),

churn_events as (
    select * from {{ ref('int_activity__churn_events') }}
),

stretches as (
    select * from {{ ref('int_accounts__paid_stretches') }}
),

calendar as (
    select calendar_date from {{ ref('int_accounts__calendar') }}
),

calendar_start as (
    select min(calendar_date) as first_date from calendar
),

account_dates as (
    select * from {{ ref('int_accounts__as_of') }}
),

-- Ages do not add up, so the oldest one is a fact of its own day.
overdue_days as (
    select
        account_dates.account_id,
        account_dates.as_of_date,
        min(invoices.due_on) as oldest_due_on
    from invoices
    inner join account_dates
        on invoices.account_id = account_dates.account_id
        and invoices.due_on < account_dates.as_of_date
        and (invoices.settled_on is null or invoices.settled_on > account_dates.as_of_date)
    group by account_dates.account_id, account_dates.as_of_date
),

-- Every day late adds the collectible amount once more, up to the day on which it was collected, so
-- that an open invoice grows older by itself. Days before the stretch, or before the calendar, come
-- all at once.
late_balances as (
    select
        balances.account_id,
        balances.due_on,
        balances.until_on,
        balances.collectible_amount,
        balances.collected_on,
        greatest(
            balances.from_on, {{ add_days('balances.due_on', 1) }}, calendar_start.first_date
        ) as late_from
    from balances
    cross join calendar_start
    where balances.collected_on is null or balances.collected_on > balances.due_on
),

late_amounts as (
    select
        account_id,
        due_on,
        until_on,
        late_from as late_on,
        collectible_amount
        * {{ days_between('due_on', 'least(late_from, collected_on)') }} as late_amount
    from late_balances
    union all
    select
        late_balances.account_id,
        late_balances.due_on,
        late_balances.until_on,
        calendar.calendar_date as late_on,
        late_balances.collectible_amount as late_amount
    from late_balances
    inner join calendar
        on late_balances.late_from < calendar.calendar_date
        and (
            late_balances.until_on is null
            or calendar.calendar_date < late_balances.until_on
        )
        and (
            late_balances.collected_on is null
            or calendar.calendar_date <= late_balances.collected_on
        )
),

-- An account's revenue changes where one of its terms begins or ends. Where one of them has a price
-- that is not known there is no revenue.
revenue_cuts as (
    select
        account_id,
        starts_on
    from terms
    union
    select
        account_id,
        {{ add_days('ends_on', 1) }} as starts_on
    from terms
),

revenue_pieces as (
    select
        account_id,
        starts_on,
        lead(starts_on) over (partition by account_id order by starts_on) as ends_before
    from revenue_cuts
),

revenues as (
    select
        revenue_pieces.account_id,
        revenue_pieces.starts_on,
        revenue_pieces.ends_before,
        sum(terms.recurring_revenue) as recurring_revenue
    from revenue_pieces
    inner join terms
        on revenue_pieces.account_id = terms.account_id
        and revenue_pieces.starts_on between terms.starts_on and terms.ends_on
    group by revenue_pieces.account_id, revenue_pieces.starts_on, revenue_pieces.ends_before
    having
        max(case when terms.is_revenue_unknown then 1 else 0 end) = 0
        and count(terms.recurring_revenue) > 0
),

-- A notice without a known end holds until the account comes back.
churn_notices as (
    select
        churn_events.churn_event_id,
        churn_events.account_id,
        churn_events.notice_given_on,
        coalesce(
            {{ add_days('churn_events.ends_on', 1) }}, min(stretches.spell_starts_on)
        ) as until_date
    from churn_events
    left join stretches
        on churn_events.account_id = stretches.account_id
        and churn_events.notice_given_on < stretches.spell_starts_on
    group by
        churn_events.churn_event_id,
        churn_events.account_id,
        churn_events.notice_given_on,
        churn_events.ends_on
),

final as (
    select
        'invoices_due' as measure_id,
        account_id,
        'all' as product_id,
        due_on as fact_date,
        due_on as aging_date,
        credited_on as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from invoices

    union all

    select
        'invoices_paid_on_time' as measure_id,
        account_id,
        'all' as product_id,
        due_on as fact_date,
        due_on as aging_date,
        credited_on as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from invoices
    where settled_on <= due_on

    union all

    select
        'overdue_age_days' as measure_id,
        account_id,
        'all' as product_id,
        as_of_date as fact_date,
        as_of_date as aging_date,
        cast(null as date) as until_date,
        cast({{ days_between('oldest_due_on', 'as_of_date') }} as decimal(18, 2)) as quantity
    from overdue_days

    union all

    select
        'recurring_revenue' as measure_id,
        account_id,
        'all' as product_id,
        starts_on as fact_date,
        cast(null as date) as aging_date,
        ends_before as until_date,
        cast(recurring_revenue as decimal(18, 2)) as quantity
    from revenues

    union all

    select
        'subscriptions_in_force' as measure_id,
        account_id,
        'all' as product_id,
        starts_on as fact_date,
        cast(null as date) as aging_date,
        {{ add_days('ends_on', 1) }} as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from terms

    union all

    select
        'subscriptions_under_notice' as measure_id,
        account_id,
        'all' as product_id,
        case when notice_given_on > starts_on then notice_given_on else starts_on end as fact_date,
        cast(null as date) as aging_date,
        {{ add_days('ends_on', 1) }} as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from terms
    where notice_given_on is not null

    union all

    select
        'amount_due' as measure_id,
        account_id,
        'all' as product_id,
        from_on as fact_date,
        due_on as aging_date,
        until_on as until_date,
        collectible_amount as quantity
    from balances

    union all

    select
        'amount_days_late' as measure_id,
        account_id,
        'all' as product_id,
        late_on as fact_date,
        due_on as aging_date,
        until_on as until_date,
        -- A large amount that is late since ever would fit no column.
        cast(least(late_amount, 999999999999999) as decimal(18, 2)) as quantity
    from late_amounts

    union all

    select
        'payment_attempts' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        cast(null as date) as until_date,
        cast(attempts as decimal(18, 2)) as quantity
    from payment_days

    union all

    select
        'failed_payments' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        cast(null as date) as until_date,
        cast(failed_attempts as decimal(18, 2)) as quantity
    from payment_days
    where failed_attempts > 0

    union all

    select
        'subscriptions_auto_renewing' as measure_id,
        account_id,
        'all' as product_id,
        starts_on as fact_date,
        cast(null as date) as aging_date,
        {{ add_days('ends_on', 1) }} as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from terms
    where auto_renews

    union all

    select
        'subscriptions_with_renewal_known' as measure_id,
        account_id,
        'all' as product_id,
        starts_on as fact_date,
        cast(null as date) as aging_date,
        {{ add_days('ends_on', 1) }} as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from terms
    where auto_renews is not null

    union all

    select
        'renewals_ahead' as measure_id,
        account_id,
        'all' as product_id,
        as_of_date as fact_date,
        as_of_date as aging_date,
        cast(null as date) as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from account_dates
    where renewal_date is not null

    union all

    select
        'days_to_renewal' as measure_id,
        account_id,
        'all' as product_id,
        as_of_date as fact_date,
        as_of_date as aging_date,
        cast(null as date) as until_date,
        cast({{ days_between('as_of_date', 'renewal_date') }} as decimal(18, 2)) as quantity
    from account_dates
    where renewal_date is not null

    union all

    select
        'churn_notices' as measure_id,
        account_id,
        'all' as product_id,
        notice_given_on as fact_date,
        cast(null as date) as aging_date,
        until_date as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from churn_notices
)

select * from final
