-- Risk caps: a highest score from 0 to 100, or a band of the version, on one value per account.
{%- set seeds = scorecard_seeds() %}

with risk_caps as (
    select * from {{ ref('risk_caps') }}
),

signals as (
    select * from {{ ref('signals') }}
),

outside as (
    select
        'risk_caps' as seed,
        {{ row_key(seeds.risk_caps.key) }} as row_key,
        'max_score lies outside 0 to 100' as problem,
        'write a score from 0, or 100 to take an inherited cap out' as mend
    from risk_caps
    where {{ try_decimal('max_score') }} not between 0 and 100
),

product_signals as (
    select
        'risk_caps' as seed,
        {{ row_key(seeds.risk_caps.key, 'risk_caps') }} as row_key,
        'the signal ' || risk_caps.signal_id || ' has a value per product' as problem,
        'use a signal of the grain account' as mend
    from risk_caps
    inner join signals on risk_caps.signal_id = signals.signal_id
    where signals.grain = 'product'
),

-- An inherited cap, too, has to name a band of the version that inherits it.
unknown_bands as (
    select
        'risk_caps' as seed,
        {{ row_key(seeds.risk_caps.key, 'caps') }} as row_key,
        'the version has no band ' || caps.max_band || ' at whose top to hold the score' as problem,
        'name a band of the version in max_band, or none; write the row for this version where'
        || ' it is inherited' as mend
    from {{ ref('base_scorecard__risk_caps') }} as caps
    left join {{ ref('base_scorecard__bands') }} as bands
        on caps.scorecard_id = bands.scorecard_id
        and caps.scorecard_version = bands.scorecard_version
        and caps.max_band = bands.band_id
    where caps.max_band != 'none' and bands.band_id is null
),

final as (
    select seed, row_key, problem, mend from outside
    union all
    select seed, row_key, problem, mend from unknown_bands
    union all
    select seed, row_key, problem, mend from product_signals
)

select * from final
