-- Account × day with attempts to pay.
with payments as (
    select * from {{ ref('stg_billing__payments') }}
    where kind = 'payment'
),

invoices as (
    select * from {{ ref('stg_billing__invoices') }}
),

final as (
    select
        invoices.account_id,
        payments.occurred_on as activity_date,
        count(*) as attempts,
        sum(case when payments.status = 'failed' then 1 else 0 end) as failed_attempts
    from payments
    inner join invoices on payments.invoice_id = invoices.invoice_id
    group by invoices.account_id, payments.occurred_on
)

select * from final
