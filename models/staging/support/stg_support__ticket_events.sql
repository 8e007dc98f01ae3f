with base as (
    select * from {{ ref('base_support__ticket_events') }}
),

final as (
    select
        ticket_event_id,
        ticket_id,
        status,
        occurred_at,
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
