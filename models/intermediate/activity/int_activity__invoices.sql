-- What became of each invoice, and on which day. Facts only by their dates, so that any earlier day
-- can be judged by what had happened then.
with invoices as (
    select * from {{ ref('stg_billing__invoices') }}
    where amount > 0
),

payments as (
    select * from {{ ref('stg_billing__payments') }}
    where status = 'succeeded'
),

daily_payments as (
    select
        account_id,
        invoice_id,
        occurred_on,
        sum(case when kind = 'refund' then 0 else amount end) as settled_amount,
        sum(case when kind = 'refund' then amount else 0 end) as refunded_amount,
        sum(case when kind = 'credit_note' then amount else 0 end) as credited_amount
    from payments
    group by account_id, invoice_id, occurred_on
),

-- The refunds of a day come after its payments: what was settled before they went back out.
running_payments as (
    select
        account_id,
        invoice_id,
        occurred_on,
        refunded_amount + sum(settled_amount - refunded_amount) over (
            partition by account_id, invoice_id
            order by occurred_on
        ) as settled_amount,
        sum(credited_amount) over (
            partition by account_id, invoice_id
            order by occurred_on
        ) as credited_amount
    from daily_payments
),

final as (
    select
        invoices.invoice_id,
        invoices.account_id,
        invoices.issued_on,
        invoices.due_on,
        invoices.amount,
        min(
            case
                when running_payments.settled_amount >= invoices.amount
                    then running_payments.occurred_on
            end
        ) as settled_on,
        min(
            case
                when running_payments.credited_amount >= invoices.amount
                    then running_payments.occurred_on
            end
        ) as credited_on
    from invoices
    left join running_payments
        on invoices.account_id = running_payments.account_id
        and invoices.invoice_id = running_payments.invoice_id
    group by
        invoices.invoice_id,
        invoices.account_id,
        invoices.issued_on,
        invoices.due_on,
        invoices.amount
)

select * from final
