-- depends_on: {{ ref('stg_scorecard__errors') }}

-- What each version weighs and how: its signals with weight, inheritance resolved.
with signals as (
    select * from {{ ref('base_scorecard__signals') }}
),

families as (
    select
        signal_id,
        family
    from {{ ref('signals') }}
),

dimensions as (
    select * from {{ ref('base_scorecard__dimensions') }}
),

final as (
    select
        signals.scorecard_id,
        {{ try_integer('signals.scorecard_version') }} as scorecard_version,
        signals.dimension_id,
        dimensions.weight as dimension_weight,
        signals.signal_id,
        families.family = 'judgement' as is_judgement,
        signals.weight as signal_weight,
        signals.curve_id,
        signals.rule_level
    from signals
    inner join dimensions
        on signals.scorecard_id = dimensions.scorecard_id
        and signals.scorecard_version = dimensions.scorecard_version
        and signals.dimension_id = dimensions.dimension_id
    inner join families on signals.signal_id = families.signal_id
    where signals.weight > 0 and dimensions.weight > 0
)

select * from final
