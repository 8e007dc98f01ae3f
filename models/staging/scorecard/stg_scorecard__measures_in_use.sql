-- Measures that a measured signal counts, and how far back a day looks for what they count.
with signals as (
    select
        *,
        calculation = 'recency' or fresh_days > 0 or stale_after_days > 0 as is_dated
    from {{ ref('stg_scorecard__signals') }}
    where is_measured and not is_derived
),

measures as (
    select * from {{ ref('measures') }}
),

counted as (
    select
        numerator as measure_id,
        numerator_window_days as lookback_days,
        is_dated
    from signals
    union all
    select
        denominator as measure_id,
        denominator_window_days + denominator_offset_days as lookback_days,
        is_dated
    from signals
    where denominator != 'none'
),

final as (
    select
        counted.measure_id,
        max(measures.family) as family,
        max(counted.lookback_days) as lookback_days,
        -- Whoever asks when something was last so looks back to the first day.
        max(case when counted.is_dated then 1 else 0 end) as is_dated
    from counted
    left join measures on counted.measure_id = measures.measure_id
    group by counted.measure_id
)

select * from final
