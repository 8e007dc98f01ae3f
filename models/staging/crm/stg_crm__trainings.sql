with base as (
    select * from {{ ref('base_crm__trainings') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'training_id') }} as training_id,
        {{ counted_account('base') }} as account_id,
        {{ counted_user('base') }} as user_id,
        base.course,
        base.completed_at,
        base.expires_at,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(base.completed_at as date)') }}
    where base.row_fate = 'staged'
)

select * from final
