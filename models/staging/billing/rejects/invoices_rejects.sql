with base as (
    select * from {{ ref('base_billing__invoices') }}
),

final as (
    select
        invoice_id,
        account_id,
        issued_on,
        due_on,
        amount,
        currency,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
