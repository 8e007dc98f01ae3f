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
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
