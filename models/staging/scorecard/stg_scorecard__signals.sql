-- depends_on: {{ ref('stg_scorecard__errors') }}

with signals as (
    select * from {{ ref('signals') }}
),

rules as (
    select signal_id from {{ ref('stg_scorecard__rules') }}
    group by signal_id
),

final as (
    select
        signals.signal_id,
        signals.label,
        signals.family,
        signals.grain,
        signals.numerator,
        {{ try_integer('signals.numerator_window_days') }} as numerator_window_days,
        signals.denominator,
        {{ try_integer('signals.denominator_window_days') }} as denominator_window_days,
        {{ try_integer('signals.denominator_offset_days') }} as denominator_offset_days,
        {{ as_double(try_decimal('signals.multiplier')) }} as multiplier,
        signals.zero_denominator,
        signals.scale,
        signals.sources,
        signals.known_by,
        {{ try_integer('signals.min_history_days') }} as min_history_days,
        {{ try_integer('signals.stale_after_days') }} as stale_after_days,
        {{ try_integer('signals.rest_days_to_suppress') }} as rest_days_to_suppress,
        signals.unit,
        signals.formula,
        rules.signal_id is not null as is_scored
    from signals
    left join rules on signals.signal_id = rules.signal_id
)

select * from final
