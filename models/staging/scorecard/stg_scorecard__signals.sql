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
        cast({{ try_decimal('signals.numerator_window_days') }} as integer) as numerator_window_days,
        signals.denominator,
        cast({{ try_decimal('signals.denominator_window_days') }} as integer) as denominator_window_days,
        cast({{ try_decimal('signals.denominator_offset_days') }} as integer) as denominator_offset_days,
        {{ as_double(try_decimal('signals.multiplier')) }} as multiplier,
        signals.zero_denominator,
        signals.scale,
        signals.sources,
        signals.known_by,
        cast({{ try_decimal('signals.min_history_days') }} as integer) as min_history_days,
        cast({{ try_decimal('signals.stale_after_days') }} as integer) as stale_after_days,
        cast({{ try_decimal('signals.rest_days_to_suppress') }} as integer) as rest_days_to_suppress,
        signals.unit,
        signals.formula,
        rules.signal_id is not null as is_scored
    from signals
    left join rules on signals.signal_id = rules.signal_id
)

select * from final
