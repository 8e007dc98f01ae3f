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
        loaded_at
    from base
    where reject_reason is null and duplicate_rank = 1
)

select * from final
