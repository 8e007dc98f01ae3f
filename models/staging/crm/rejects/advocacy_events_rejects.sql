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
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
