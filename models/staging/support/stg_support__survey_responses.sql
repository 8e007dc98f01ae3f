with base as (
    select * from {{ ref('base_support__survey_responses') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'response_id') }} as response_id,
        {{ counted_account('base') }} as account_id,
        {{ counted_user('base') }} as user_id,
        base.ticket_id,
        base.kind,
        base.score,
        base.sent_at,
        base.responded_at,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(coalesce(base.responded_at, base.sent_at) as date)') }}
    where base.row_fate = 'staged'
)

select * from final
