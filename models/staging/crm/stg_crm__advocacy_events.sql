with base as (
    select * from {{ ref('base_crm__advocacy_events') }}
),

final as (
    select
        advocacy_event_id,
        account_id,
        user_id,
        kind,
        polarity,
        occurred_at,
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
