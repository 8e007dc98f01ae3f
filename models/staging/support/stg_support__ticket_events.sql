-- They count where their ticket does.
with base as (
    {{ staged_rows(ref('base_support__ticket_events')) }}
),

support_tickets as (
    {{ staged_rows(ref('base_support__support_tickets')) }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'ticket_event_id') }} as ticket_event_id,
        {{ counted_account('support_tickets') }} as account_id,
        {{ counted_key('support_tickets', 'ticket_id') }} as ticket_id,
        base.status,
        base.occurred_at,
        base.loaded_at
    from base
    inner join support_tickets
        on base.account_id = support_tickets.account_id
        and base.ticket_id = support_tickets.ticket_id
    {{ join_links('support_tickets', 'cast(support_tickets.opened_at as date)') }}
)

select * from final
