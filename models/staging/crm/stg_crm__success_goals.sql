with base as (
    select * from {{ ref('base_crm__success_goals') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        base.goal_id,
        {{ counted_account('base') }} as account_id,
        base.objective,
        base.status,
        base.status_changed_at,
        base.due_on,
        base.achieved_at,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(base.status_changed_at as date)') }}
    where base.reject_reason is null and base.duplicate_rank = 1
)

select * from final
