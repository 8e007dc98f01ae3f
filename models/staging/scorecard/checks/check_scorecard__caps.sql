-- Risk caps: a highest score from 0 to 100, on one value per account.
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

final as (
    select seed, row_key, problem, mend from outside
    union all
    select seed, row_key, problem, mend from product_signals
)

select * from final
