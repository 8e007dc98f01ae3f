with base as (
    select * from {{ ref('base_crm__calendar_days') }}
),

final as (
    select
        region,
        calendar_date,
        kind,
        name,
        loaded_at,
        reject_reason
    from base
    where reject_reason is not null
)

select * from final
