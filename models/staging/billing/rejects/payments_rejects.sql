with base as (
    select * from {{ ref('base_billing__payments') }}
),

final as (
    select
        payment_id,
        invoice_id,
        kind,
        status,
        occurred_on,
        amount,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
