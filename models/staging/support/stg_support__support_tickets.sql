with base as (
    select * from {{ ref('base_support__support_tickets') }}
),

final as (
    select
        ticket_id,
        account_id,
        user_id,
        product_id,
        topic,
        severity,
        kind,
        sentiment,
        opened_at,
        first_responded_at,
        resolved_at,
        merged_into_ticket_id,
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
