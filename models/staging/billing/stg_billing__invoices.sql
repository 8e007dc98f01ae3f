with base as (
    select * from {{ ref('base_billing__invoices') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'invoice_id') }} as invoice_id,
        {{ counted_account('base') }} as account_id,
        base.issued_on,
        base.due_on,
        base.amount,
        base.currency,
        base.loaded_at
    from base
    {{ join_links('base', 'base.issued_on') }}
    where base.row_fate = 'staged'
)

select * from final
