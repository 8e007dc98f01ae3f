with base as (
    select * from {{ ref('base_support__survey_responses') }}
),

final as (
    select
        response_id,
        account_id,
        user_id,
        ticket_id,
        kind,
        score,
        sent_at,
        responded_at,
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
