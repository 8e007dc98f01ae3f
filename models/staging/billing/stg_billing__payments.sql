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
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
