-- depends_on: {{ ref('stg_scorecard__errors') }}

with signals as (
    select * from {{ ref('signals') }}
),

asked as (
    select
        scorecard_id,
        signal_id
    from {{ ref('stg_scorecard__rules') }}
    union
    select
        scorecard_id,
        signal_id
    from {{ ref('stg_scorecard__caps') }}
),

-- What readiness to grow is scored by is asked of everybody, whatever the segment.
used_scorecards as (
    select scorecard_id from {{ ref('segments') }}
    union
    select scorecard_id from {{ ref('stg_scorecard__scorecards') }}
    where status = 'expansion'
),

-- A signal is measured where a weight or a cap that somebody is scored by asks for it, a task, or a
-- milestone.
needed as (
    select asked.signal_id
    from asked
    inner join used_scorecards on asked.scorecard_id = used_scorecards.scorecard_id
    union
    select signal_id from {{ ref('stg_scorecard__tasks') }}
    union
    select signal_id from {{ ref('milestones') }}
),

bases as (
    select signals.numerator as signal_id
    from signals
    inner join needed on signals.signal_id = needed.signal_id
    group by signals.numerator
),

final as (
    select
        signals.signal_id,
        signals.label,
        signals.family,
        signals.grain,
        signals.calculation,
        signals.calculation in (
            'pace', '{{ derived_calculations() | join("', '") }}'
        ) as is_derived,
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
        {{ try_integer('signals.fresh_days') }} as fresh_days,
        {{ try_integer('signals.stale_after_days') }} as stale_after_days,
        {{ try_integer('signals.rest_days_to_suppress') }} as rest_days_to_suppress,
        {{ try_integer('signals.min_count') }} as min_count,
        signals.unit,
        signals.formula,
        needed.signal_id is not null or bases.signal_id is not null as is_measured
    from signals
    left join needed on signals.signal_id = needed.signal_id
    left join bases on signals.signal_id = bases.signal_id
)

select * from final
