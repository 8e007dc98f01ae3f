-- Contracts and money as measure facts (columns: int_signals__usage_measures).
with invoices as (
    select * from {{ ref('int_activity__invoices') }}
),

terms as (
    select * from {{ ref('int_accounts__subscription_terms') }}
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
        {{ add_days('ends_on', 1) }} as until_date,
        recurring_revenue as quantity
    from terms
    where recurring_revenue is not null

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
)

select * from final
