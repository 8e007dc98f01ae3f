with base as (
    select * from {{ ref('base_crm__pulses') }}
),

final as (
    select
        pulse_id,
        account_id,
        author_id,
        value,
        reason,
        set_at,
        expires_at,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
