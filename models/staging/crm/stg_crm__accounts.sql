with base as (
    select * from {{ ref('base_crm__accounts') }}
),

final as (
    select
        account_id,
        valid_from,
        account_name,
        parent_account_id,
        merged_into_account_id,
        merged_on,
        plan,
        industry,
        use_case,
        region,
        lifecycle_stage,
        owner_id,
        employees,
        students,
        time_zone,
        signed_up_on,
        loaded_at
    from base
    where row_fate = 'staged'
)

select * from final
