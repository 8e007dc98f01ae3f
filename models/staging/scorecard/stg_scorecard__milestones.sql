-- depends_on: {{ ref('stg_scorecard__errors') }}

with milestones as (
    select * from {{ ref('milestones') }}
),

final as (
    select
        milestone_id,
        {{ try_date('valid_from') }} as valid_from,
        {{ holds_until('milestone_id') }} as valid_to,
        segment_id,
        product_id,
        {{ try_integer('position') }} as position,
        label,
        event_kind,
        event_key,
        signal_id,
        operator,
        {{ try_decimal('value') }} as value,
        {{ try_integer('due_days') }} as due_days,
        is_first_value = 'true' as is_first_value
    from milestones
)

select * from final
