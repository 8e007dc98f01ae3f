with base as (
    select * from {{ ref('base_crm__advocacy_events') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'advocacy_event_id') }} as advocacy_event_id,
        {{ counted_account('base') }} as account_id,
        {{ counted_user('base') }} as user_id,
        base.kind,
        base.polarity,
        base.occurred_at,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(base.occurred_at as date)') }}
    where base.row_fate = 'staged'
)

select * from final
