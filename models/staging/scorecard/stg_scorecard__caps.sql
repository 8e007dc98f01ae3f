-- depends_on: {{ ref('stg_scorecard__errors') }}

-- The risk caps of each version, inheritance resolved. A cap at 100 takes nothing away: that is how
-- a version leaves out one that it inherits.
with caps as (
    select * from {{ ref('base_scorecard__risk_caps') }}
),

signals as (
    select
        signal_id,
        family
    from {{ ref('signals') }}
),

final as (
    select
        caps.scorecard_id,
        {{ try_integer('caps.scorecard_version') }} as scorecard_version,
        caps.cap_id,
        caps.signal_id,
        signals.family = 'judgement' as is_judgement,
        caps.operator,
        caps.value as bound,
        cast(caps.max_score as decimal(9, 4)) as max_score,
        caps.label,
        caps.rule_level
    from caps
    inner join signals on caps.signal_id = signals.signal_id
    where caps.max_score < 100
)

select * from final
