with base as (
    select * from {{ ref('base_crm__trainings') }}
),

final as (
    select
        training_id,
        account_id,
        user_id,
        course,
        completed_at,
        expires_at,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
