-- Settings: each that something reads is there once, in the unit in which it is read, and no other;
-- and windows, intervals and thresholds that are none.
{%- set settings = scorecard_settings() %}

with expected (seed, setting, unit) as (
    values
    {%- for seed, units in settings.items() %}
    {%- set last_seed = loop.last %}
    {%- for setting, unit in units.items() %}
    ('{{ seed }}', '{{ setting }}', '{{ unit }}'){{ ',' if not (last_seed and loop.last) }}
    {%- endfor %}
    {%- endfor %}
),

settings as (
    {% for seed in settings -%}
    select
        '{{ seed }}' as seed,
        {{ scorecard_seeds()[seed].key[0] }} as setting,
        {{ row_key(scorecard_seeds()[seed].key) }} as row_key,
        value,
        unit
    from {{ ref(seed) }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

missing as (
    select
        expected.seed,
        expected.setting as row_key,
        'the setting is missing' as problem,
        'add the row, in ' || expected.unit as mend
    from expected
    left join settings
        on expected.seed = settings.seed
        and expected.setting = settings.setting
    where settings.setting is null
),

unknown as (
    select
        settings.seed,
        settings.row_key,
        'nothing reads this setting' as problem,
        'take the row out, or spell it as docs/scoring.md and docs/what_if.md do' as mend
    from settings
    left join expected
        on settings.seed = expected.seed
        and settings.setting = expected.setting
    where expected.setting is null and settings.setting is not null
),

wrong_units as (
    select
        settings.seed,
        settings.row_key,
        'it is read in ' || expected.unit || ' and not in ' || settings.unit as problem,
        'write the value in ' || expected.unit as mend
    from settings
    inner join expected
        on settings.seed = expected.seed
        and settings.setting = expected.setting
    where settings.unit != expected.unit
),

out_of_range as (
    select
        seed,
        row_key,
        'the value ' || value || ' is negative' as problem,
        'write 0 or more' as mend
    from settings
    where {{ try_decimal('value') }} < 0
    union all
    select
        seed,
        row_key,
        'the value ' || value || ' is above 100 percent' as problem,
        'write a number from 0 to 100' as mend
    from settings
    where unit = 'percent' and {{ try_decimal('value') }} > 100
),

drift_limits as (
    select
        setting,
        {{ try_decimal('value') }} as value
    from {{ ref('drift_limits') }}
),

wrong_drift_limits as (
    select
        'drift_limits' as seed,
        setting as row_key,
        'there is nothing to compare with in so many months' as problem,
        'write a whole number from 1 to 1200' as mend
    from drift_limits
    where
        setting = 'reference_months' and (value not between 1 and 1200 or value != floor(value))
    union all
    select
        'drift_limits' as seed,
        setting as row_key,
        'points cannot be counted in so many bins' as problem,
        'write a whole number from 2 to 100' as mend
    from drift_limits
    where setting = 'bins' and (value not between 2 and 100 or value != floor(value))
    union all
    select
        'drift_limits' as seed,
        shift_above.setting as row_key,
        'it lies below question_above' as problem,
        'write a number that is not below question_above' as mend
    from drift_limits as shift_above
    inner join drift_limits as question_above
        on question_above.setting = 'question_above'
        and shift_above.value < question_above.value
    where shift_above.setting = 'shift_above'
),

no_windows as (
    select
        'outcome_horizons' as seed,
        horizon_id as row_key,
        'a window of 0 days' as problem,
        'write 1 or more days' as mend
    from {{ ref('outcome_horizons') }}
    where {{ try_integer('horizon_days') }} = 0
),

no_intervals as (
    {% for seed in ['outcome_horizons', 'churn_models'] -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(scorecard_seeds()[seed].key) }} as row_key,
        'interval_z is not above 0' as problem,
        'write standard deviations either side of the interval' as mend
    from {{ ref(seed) }}
    where {{ try_decimal('interval_z') }} <= 0
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

adoption as (
    select * from {{ ref('adoption') }}
),

no_thresholds as (
    {% for column in scorecard_seeds().adoption.cells -%}
    select
        'adoption' as seed,
        {{ row_key(scorecard_seeds().adoption.key) }} as row_key,
        '{{ column }} is 0' as problem,
        'write a whole number from 1' as mend
    from adoption
    where {{ try_integer(column) }} = 0
    union all
    {% endfor -%}
    select
        'adoption' as seed,
        'any' as row_key,
        'the row for products that have none of their own is missing' as problem,
        'add a row with product_id any' as mend
    from adoption
    having coalesce(max(case when product_id = 'any' then 1 end), 0) = 0
),

final as (
    select seed, row_key, problem, mend from missing
    union all
    select seed, row_key, problem, mend from unknown
    union all
    select seed, row_key, problem, mend from wrong_units
    union all
    select seed, row_key, problem, mend from out_of_range
    union all
    select seed, row_key, problem, mend from wrong_drift_limits
    union all
    select seed, row_key, problem, mend from no_windows
    union all
    select seed, row_key, problem, mend from no_intervals
    union all
    select seed, row_key, problem, mend from no_thresholds
)

select * from final
