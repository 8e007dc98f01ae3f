with base as (
    select * from {{ ref('base_support__ticket_events') }}
),

final as (
    select
        ticket_event_id,
        ticket_id,
        status,
        occurred_at,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
