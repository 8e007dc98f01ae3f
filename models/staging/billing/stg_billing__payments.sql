-- They count where their invoice does.
with base as (
    {{ staged_rows(ref('base_billing__payments')) }}
),

invoices as (
    {{ staged_rows(ref('base_billing__invoices')) }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'payment_id') }} as payment_id,
        {{ counted_account('invoices') }} as account_id,
        {{ counted_key('invoices', 'invoice_id') }} as invoice_id,
        base.kind,
        base.status,
        base.occurred_on,
        base.amount,
        base.loaded_at
    from base
    inner join invoices
        on base.account_id = invoices.account_id
        and base.invoice_id = invoices.invoice_id
    {{ join_links('invoices', 'invoices.issued_on') }}
)

select * from final
