with base as (
    select * from {{ ref('base_billing__invoices') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        base.invoice_id,
        {{ counted_account('base') }} as account_id,
        base.issued_on,
        base.due_on,
        base.amount,
        base.currency,
        base.loaded_at
    from base
    {{ join_links('base', 'base.issued_on') }}
    where base.reject_reason is null and base.duplicate_rank = 1
)

select * from final
