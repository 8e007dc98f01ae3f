with base as (
    select * from {{ ref('base_crm__success_goals') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_user('base', 'goal_id') }} as goal_id,
        {{ counted_account('base') }} as account_id,
        base.objective,
        base.status,
        base.status_changed_at,
        base.due_on,
        base.achieved_at,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(base.status_changed_at as date)') }}
    where base.row_fate = 'staged'
)

select * from final
