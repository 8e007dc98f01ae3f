-- Every name that a row uses exists in the seed that defines it.
{%- set seeds = scorecard_seeds() %}
{%- set defined = {
    'signals': 'signal_id',
    'measures': 'measure_id',
    'curves': 'curve_id',
    'scorecards': 'scorecard_id',
    'outcome_horizons': 'horizon_id',
    'churn_models': 'model_id',
    'point_rule_steps': 'rule_id',
} %}
{%- set references = [
    ('scorecard_signals', 'signal_id', 'signals'),
    ('scorecard_signals', 'curve_id', 'curves'),
    ('product_weights', 'signal_id', 'signals'),
    ('point_rules', 'rule_id', 'point_rule_steps'),
    ('risk_caps', 'signal_id', 'signals'),
    ('tasks', 'signal_id', 'signals'),
    ('segments', 'scorecard_id', 'scorecards'),
    ('account_overrides', 'signal_id', 'signals'),
    ('answer_limits', 'signal_id', 'signals'),
    ('signals', 'numerator', 'measures'),
    ('signals', 'denominator', 'measures'),
    ('churn_models', 'horizon_id', 'outcome_horizons'),
    ('churn_model_terms', 'model_id', 'churn_models'),
    ('churn_model_covariances', 'model_id', 'churn_models'),
] %}

with version_names as (
    select scorecard_id || '/' || scorecard_version as version_name
    from {{ ref('scorecards') }}
),

known_names as (
    {% for seed, column in defined.items() -%}
    select
        '{{ seed }}' as seed,
        {{ column }} as known_name
    from {{ ref(seed) }}
    group by {{ column }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

own_dimensions as (
    select
        scorecard_id,
        scorecard_version,
        dimension_id
    from {{ ref('base_scorecard__dimensions') }}
),

unknown_versions as (
    {% for seed in [
        'dimensions', 'scorecard_signals', 'product_weights', 'point_rules', 'bands',
        'risk_caps'
    ] -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(seeds[seed].key) }} as row_key,
        'there is no version ' || scorecard_version
        || ' of a scorecard ' || scorecard_id as problem,
        'name a version of scorecards.csv or add it there' as mend
    from {{ ref(seed) }}
    where
        scorecard_id || '/' || scorecard_version not in (
            select version_names.version_name from version_names
        )
    union all
    {% endfor -%}
    select
        'scorecards' as seed,
        {{ row_key(seeds.scorecards.key) }} as row_key,
        'it extends ' || extends_scorecard_id || '/' || extends_version
        || ', which does not exist' as problem,
        'extend a version of scorecards.csv, or none and 0' as mend
    from {{ ref('scorecards') }}
    where
        extends_scorecard_id != 'none'
        and extends_scorecard_id || '/' || extends_version not in (
            select version_names.version_name from version_names
        )
),

unknown_dimensions as (
    select
        'scorecard_signals' as seed,
        {{ row_key(seeds.scorecard_signals.key, 'scorecard_signals') }} as row_key,
        'the version has no dimension ' || scorecard_signals.dimension_id as problem,
        'add it to dimensions.csv or name one that is there' as mend
    from {{ ref('scorecard_signals') }} as scorecard_signals
    left join own_dimensions
        on scorecard_signals.scorecard_id = own_dimensions.scorecard_id
        and scorecard_signals.scorecard_version = own_dimensions.scorecard_version
        and scorecard_signals.dimension_id = own_dimensions.dimension_id
    where own_dimensions.dimension_id is null
),

unknown_names as (
    {% for seed, column, target in references -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(seeds[seed].key, 'owner') }} as row_key,
        'unknown {{ column }} ' || owner.{{ column }} as problem,
        'use a {{ defined[target] }} of {{ target }}.csv' as mend
    from {{ ref(seed) }} as owner
    left join known_names
        on owner.{{ column }} = known_names.known_name
        and known_names.seed = '{{ target }}'
    where
        known_names.known_name is null
        and owner.{{ column }} is not null
        {%- if column == 'denominator' %}
        and owner.{{ column }} != 'none'
        {%- elif column == 'numerator' %}
        and owner.calculation not in ('{{ derived_calculations() | join("', '") }}')
        {%- endif %}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

unknown_scales as (
    select
        'signals' as seed,
        signal_id as row_key,
        'unknown scale ' || scale as problem,
        'use none, {{ scale_attributes() | join(", ") }}' as mend
    from {{ ref('signals') }}
    where scale not in ('none', '{{ scale_attributes() | join("', '") }}')
),

unknown_curves as (
    select
        'account_overrides' as seed,
        overrides.override_id as row_key,
        'unknown curve_id ' || overrides.value as problem,
        'use a curve_id of curves.csv' as mend
    from {{ ref('account_overrides') }} as overrides
    left join known_names
        on overrides.value = known_names.known_name
        and known_names.seed = 'curves'
    where
        overrides.field = 'curve_id'
        and overrides.value is not null
        and known_names.known_name is null
),

final as (
    select seed, row_key, problem, mend from unknown_versions
    union all
    select seed, row_key, problem, mend from unknown_dimensions
    union all
    select seed, row_key, problem, mend from unknown_names
    union all
    select seed, row_key, problem, mend from unknown_scales
    union all
    select seed, row_key, problem, mend from unknown_curves
)

select * from final
