with base as (
    select * from {{ ref('base_crm__touchpoints') }}
),

final as (
    select
        touchpoint_id,
        account_id,
        user_id,
        kind,
        direction,
        is_two_way,
        is_automated,
        attended,
        occurred_at,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
