-- Account × as_of_date × version × signal (× product): the rule that holds, and the points it
-- gives. A signal whose source is late has the points of the value that is held for it, which
-- only the score of the dark sources reads.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with signals as (
    select * from {{ touched('int_signals__daily') }}
),

held as (
    select * from {{ touched('int_signals__held') }}
),

versions as (
    select * from {{ touched('int_scoring__versions') }}
),

rules as (
    select * from {{ ref('stg_scorecard__rules') }}
),

product_weights as (
    select * from {{ ref('stg_scorecard__product_weights') }}
),

overrides as (
    select * from {{ touched('int_scoring__overrides') }}
),

curve_pieces as (
    select * from {{ ref('stg_scorecard__curve_pieces') }}
),

ruled as (
    select
        signals.account_id,
        signals.as_of_date,
        versions.scorecard_id,
        versions.scorecard_version,
        versions.status,
        rules.dimension_id,
        rules.dimension_weight,
        rules.is_judgement,
        signals.signal_id,
        signals.product_id,
        signals.value,
        signals.scale * coalesce(overrides.scale_factor, 1) as scale,
        case when held.signal_id is null then 0 else 1 end as is_held,
        held.freshness as held_freshness,
        coalesce(
            signals.value / (signals.scale * coalesce(overrides.scale_factor, 1)),
            held.value / (held.scale * coalesce(overrides.scale_factor, 1))
        ) as scaled_value,
        signals.state,
        signals.state_reason,
        signals.freshness,
        {{ as_double(
            'coalesce(overrides.weight, product_weights.weight, rules.signal_weight)'
        ) }} * signals.product_share as row_weight,
        coalesce(overrides.curve_id, rules.curve_id) as curve_id,
        case
            when overrides.signal_id is not null then 'account'
            else rules.rule_level
        end as rule_level
    from signals
    inner join versions
        on signals.account_id = versions.account_id
        and signals.as_of_date = versions.as_of_date
    inner join rules
        on versions.scorecard_id = rules.scorecard_id
        and versions.scorecard_version = rules.scorecard_version
        and signals.signal_id = rules.signal_id
    left join product_weights
        on versions.scorecard_id = product_weights.scorecard_id
        and versions.scorecard_version = product_weights.scorecard_version
        and signals.signal_id = product_weights.signal_id
        and signals.product_id = product_weights.product_id
    left join held
        on signals.account_id = held.account_id
        and signals.as_of_date = held.as_of_date
        and signals.signal_id = held.signal_id
        and signals.product_id = held.product_id
    left join overrides
        on signals.account_id = overrides.account_id
        and signals.as_of_date = overrides.as_of_date
        and signals.signal_id = overrides.signal_id
),

final as (
    select
        ruled.account_id,
        ruled.as_of_date,
        ruled.scorecard_id,
        ruled.scorecard_version,
        ruled.status,
        ruled.dimension_id,
        ruled.dimension_weight,
        ruled.is_judgement,
        ruled.signal_id,
        ruled.product_id,
        ruled.value,
        ruled.scale,
        ruled.state,
        ruled.state_reason,
        ruled.row_weight,
        -- What is observed counts for less as it ages.
        case
            when ruled.state = 'observed' then ruled.row_weight * ruled.freshness
            else 0
        end as observed_weight,
        case
            when ruled.state = 'observed' then ruled.row_weight * ruled.freshness
            when ruled.is_held = 1 then ruled.row_weight * ruled.held_freshness
            else 0
        end as held_weight,
        ruled.rule_level,
        curve_pieces.from_points
        + curve_pieces.rise * case
            when curve_pieces.rise = 0 then 0
            else (ruled.scaled_value - curve_pieces.from_x) / curve_pieces.run
        end as points
    from ruled
    left join curve_pieces
        on (ruled.state = 'observed' or ruled.is_held = 1)
        and ruled.curve_id = curve_pieces.curve_id
        and ruled.scaled_value >= curve_pieces.from_x
        and ruled.scaled_value < curve_pieces.to_x
    where ruled.row_weight > 0
)

select * from final
