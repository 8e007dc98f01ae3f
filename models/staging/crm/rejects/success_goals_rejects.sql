with base as (
    select * from {{ ref('base_crm__success_goals') }}
),

final as (
    select
        goal_id,
        account_id,
        objective,
        status,
        status_changed_at,
        due_on,
        achieved_at,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
