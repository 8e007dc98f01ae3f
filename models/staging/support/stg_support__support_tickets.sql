with base as (
    select * from {{ ref('base_support__support_tickets') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'ticket_id') }} as ticket_id,
        {{ counted_account('base') }} as account_id,
        {{ counted_user('base') }} as user_id,
        base.product_id,
        base.topic,
        base.severity,
        base.kind,
        base.sentiment,
        base.opened_at,
        base.first_responded_at,
        base.resolved_at,
        {{ counted_key('base', 'merged_into_ticket_id') }} as merged_into_ticket_id,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(base.opened_at as date)') }}
    where base.row_fate = 'staged'
)

select * from final
