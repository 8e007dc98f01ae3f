with base as (
    select * from {{ ref('base_crm__calendar_days') }}
),

final as (
    select
        region,
        calendar_date,
        kind,
        name,
        loaded_at
    from base
    where row_fate = 'staged'
)

select * from final
