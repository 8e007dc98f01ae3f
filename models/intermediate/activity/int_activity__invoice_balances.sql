-- Invoice × the days from due_on on which its collectible amount stays the same: the amount
-- without what was credited by then, and since when so much has been paid. From the day of a credit
-- note on, its money was never due; the days before keep what was known then.
with invoices as (
    select * from {{ ref('stg_billing__invoices') }}
    where amount > 0
),

payments as (
    select * from {{ ref('stg_billing__payments') }}
    where status = 'succeeded'
),

rates as (
    select * from {{ ref('int_activity__currency_rates') }}
),

daily_payments as (
    select
        account_id,
        invoice_id,
        occurred_on,
        sum(case when kind = 'payment' then amount else 0 end) as paid_amount,
        sum(case when kind = 'refund' then amount else 0 end) as refunded_amount,
        sum(case when kind = 'credit_note' then amount else 0 end) as credited_amount
    from payments
    group by account_id, invoice_id, occurred_on
),

-- The refunds of a day come after its payments.
running_payments as (
    select
        account_id,
        invoice_id,
        occurred_on,
        refunded_amount + sum(paid_amount - refunded_amount) over (
            partition by account_id, invoice_id
            order by occurred_on
        ) as paid_amount
    from daily_payments
),

-- What was credited before the due date counts from the due date.
credit_days as (
    select
        account_id,
        invoice_id,
        due_on as from_on,
        0 as credited_amount
    from invoices
    union all
    select
        invoices.account_id,
        invoices.invoice_id,
        greatest(invoices.due_on, daily_payments.occurred_on) as from_on,
        daily_payments.credited_amount
    from invoices
    inner join daily_payments
        on invoices.account_id = daily_payments.account_id
        and invoices.invoice_id = daily_payments.invoice_id
    where daily_payments.credited_amount > 0
),

daily_credits as (
    select
        account_id,
        invoice_id,
        from_on,
        sum(credited_amount) as credited_amount
    from credit_days
    group by account_id, invoice_id, from_on
),

running_credits as (
    select
        account_id,
        invoice_id,
        from_on,
        lead(from_on) over (partition by account_id, invoice_id order by from_on) as until_on,
        sum(credited_amount) over (
            partition by account_id, invoice_id
            order by from_on
        ) as credited_amount
    from daily_credits
),

balances as (
    select
        invoices.invoice_id,
        invoices.account_id,
        invoices.currency,
        invoices.due_on,
        running_credits.from_on,
        running_credits.until_on,
        invoices.amount - running_credits.credited_amount as collectible_amount
    from running_credits
    inner join invoices
        on running_credits.account_id = invoices.account_id
        and running_credits.invoice_id = invoices.invoice_id
),

collected as (
    select
        balances.account_id,
        balances.invoice_id,
        balances.from_on,
        min(running_payments.occurred_on) as collected_on
    from balances
    inner join running_payments
        on balances.account_id = running_payments.account_id
        and balances.invoice_id = running_payments.invoice_id
        and balances.collectible_amount <= running_payments.paid_amount
    group by balances.account_id, balances.invoice_id, balances.from_on
),

final as (
    select
        balances.invoice_id,
        balances.account_id,
        balances.due_on,
        balances.from_on,
        balances.until_on,
        {{ in_constant_currency('balances.collectible_amount', 'balances') }} as collectible_amount,
        collected.collected_on
    from balances
    {{ join_rates('balances') }}
    left join collected
        on balances.account_id = collected.account_id
        and balances.invoice_id = collected.invoice_id
        and balances.from_on = collected.from_on
    where balances.collectible_amount > 0
)

select * from final
