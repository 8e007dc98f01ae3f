with base as (
    select * from {{ ref('base_crm__users') }}
),

final as (
    select
        user_id,
        account_id,
        full_name,
        email,
        role,
        is_executive_sponsor,
        is_champion,
        is_internal,
        created_at,
        left_at,
        loaded_at
    from base
    where row_fate = 'staged'
)

select * from final
