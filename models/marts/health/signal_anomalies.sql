{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with derived as (
    select * from {{ touched('int_signals__derived') }}
),

anomalies as (
    select
        signal_id,
        numerator,
        multiplier
    from {{ ref('stg_scorecard__signals') }}
    where calculation = 'anomaly'
),

-- Where the weeks before were all the same there is a range, of no width, and nothing to divide by.
final as (
    select
        cast(derived.account_id as {{ dbt.type_string() }}) as account_id,
        cast(derived.as_of_date as date) as as_of_date,
        cast(derived.signal_id as {{ dbt.type_string() }}) as signal_id,
        cast(derived.product_id as {{ dbt.type_string() }}) as product_id,
        cast(anomalies.numerator as {{ dbt.type_string() }}) as compared_signal_id,
        {{ to_decimal('derived.base_value', 18, 6) }} as value,
        {{ to_decimal('derived.expected_value', 18, 6) }} as expected_value,
        {{ to_decimal('derived.expected_low', 18, 6) }} as expected_low,
        {{ to_decimal('derived.expected_high', 18, 6) }} as expected_high,
        {{ to_decimal('derived.value / anomalies.multiplier', 18, 6) }} as deviations,
        derived.base_value < derived.expected_low or derived.base_value > derived.expected_high
            as is_outside_range
    from derived
    inner join anomalies on derived.signal_id = anomalies.signal_id
    where
        derived.state = 'observed'
        or (derived.state_reason = 'nothing_to_measure' and derived.base_value is not null)
)

select * from final
