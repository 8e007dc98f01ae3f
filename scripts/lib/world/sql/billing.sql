-- One row per invoice with everything that will become of it. Accounts are billed for the coming
-- month, quarter or year, from the day the paid term began.
with spells as (
    select
        account_traits.*,
        lives.spell,
        lives.paid_from_day,
        lives.last_day
    from lives
    inner join account_traits on lives.account_no = account_traits.account_no
    where lives.paid_from_day is not null and not account_traits.is_bare
),

billed as (
    select
        *,
        unnest(range(0, ($existing_max_age_days + $days) // 28, billing_months)) as months_in
    from spells
),

issued as (
    select
        *,
        day_of((on_day(paid_from_day) + to_months(months_in::int))::date) as issued_day
    from billed
),

in_time as (
    select *
    from issued
    where issued_day between 0 and $days - 1 and issued_day <= coalesce(last_day, $never)
),

amounts as (
    select
        in_time.account_no,
        in_time.spell,
        in_time.issued_day,
        any_value(in_time.billing_months)
        * sum(subscription_periods.monthly_recurring_revenue) as amount
    from in_time
    inner join subscription_periods
        on in_time.account_no = subscription_periods.account_no
        and in_time.spell = subscription_periods.spell
        and in_time.issued_day >= subscription_periods.period_first_day
        and in_time.issued_day <= coalesce(subscription_periods.period_last_day, $never)
    group by in_time.account_no, in_time.spell, in_time.issued_day
),

drawn as (
    select
        in_time.*,
        amounts.amount::decimal(18, 2) as amount,
        in_time.issued_day + case when in_time.plan = 'enterprise' then 30 else 14 end as due_day,
        coalesce(account_weeks.health, 0.0) as health,
        in_time.account_no::bigint * 100000 + in_time.issued_day as invoice_no,
        row_number() over (
            partition by in_time.account_no order by in_time.issued_day desc, in_time.spell desc
        ) as from_the_last
    from in_time
    inner join amounts
        on in_time.account_no = amounts.account_no
        and in_time.spell = amounts.spell
        and in_time.issued_day = amounts.issued_day
    left join account_weeks
        on in_time.account_no = account_weeks.account_no
        and in_time.issued_day // 7 = account_weeks.week
    where amounts.amount > 0
),

judged as (
    select
        *,
        uniform(invoice_no, 'fate') as fate,
        uniform(invoice_no, 'late') < logistic(
            $late_logit + late_trait - $late_per_health * health
        ) as is_late
    from drawn
)

select
    account_no,
    account_id,
    currency,
    invoice_no,
    'inv_' || invoice_no as invoice_id,
    issued_day,
    due_day,
    amount,
    case
        when case_name = 'overdue_invoice' and issued_day > $days - 140 then 'unpaid'
        when case_name = 'voided_invoice' and from_the_last = 2 then 'void'
        when is_planted then 'plain'
        when fate < 0.012 then 'void'
        when fate < 0.05 then 'credited'
        when fate < 0.09 then 'partial'
        when fate < 0.10 then 'refunded'
        when fate < 0.14 then 'failed_first'
        when fate > 1 - $unpaid_chance * exp(-$unpaid_per_health * health) then 'unpaid'
        else 'plain'
    end as fate,
    case
        when is_late and not is_planted
            then due_day + 2 + floor(55 * pow(uniform(invoice_no, 'how late'), 2))
        else greatest(issued_day, due_day - floor(12 * uniform(invoice_no, 'how early')))
    end::int as paid_day
from judged
