{{ config(meta={'touched_by': 'events', 'date_column': 'occurred_at'}) }}

with base as (
    select * from {{ ref('base_product__usage_events') }}
),

links as (
    {{ links_to_others() }}
),

final as (
    select
        {{ counted_key('base', 'event_id') }} as event_id,
        {{ counted_account('base') }} as account_id,
        {{ counted_user('base') }} as user_id,
        base.product_id,
        base.feature_key,
        base.occurred_at,
        base.quantity,
        base.duration_seconds,
        base.error_count,
        base.loaded_at
    from base
    {{ join_links('base', 'cast(base.occurred_at as date)') }}
    where base.row_fate = 'staged'
)

select * from final
