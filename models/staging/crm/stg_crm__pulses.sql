with base as (
    select * from {{ ref('base_crm__pulses') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'pulse_id') }} as pulse_id,
        {{ counted_account('base') }} as account_id,
        base.author_id,
        base.value,
        base.reason,
        base.set_at,
        base.expires_at,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(base.set_at as date)') }}
    where base.row_fate = 'staged'
)

select * from final
