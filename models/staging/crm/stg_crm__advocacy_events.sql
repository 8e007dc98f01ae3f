with base as (
    select * from {{ ref('base_crm__advocacy_events') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        base.advocacy_event_id,
        {{ counted_account('base') }} as account_id,
        {{ counted_user('base') }} as user_id,
        base.kind,
        base.polarity,
        base.occurred_at,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(base.occurred_at as date)') }}
    where base.reject_reason is null and base.duplicate_rank = 1
)

select * from final
