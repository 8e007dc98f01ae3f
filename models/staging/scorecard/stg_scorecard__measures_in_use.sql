-- Measures that a measured signal counts.
with signals as (
    select * from {{ ref('stg_scorecard__signals') }}
    where is_measured and not is_derived
),

final as (
    select numerator as measure_id from signals
    union
    select denominator as measure_id from signals
    where denominator != 'none'
)

select * from final
