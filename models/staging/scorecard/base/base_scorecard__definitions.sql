-- A version's own definition as text, row by row: what a release records and what may not change
-- after it. Inherited rows belong to the release of the version they come from.
{%- set seeds = scorecard_seeds() %}
{%- set own = [
    'dimensions', 'scorecard_signals', 'product_weights', 'point_rules', 'bands', 'risk_caps'
] %}
{%- set later = {'risk_caps': 'max_band'} %}

with versions as (
    select * from {{ ref('scorecards') }}
),

own_signals as (
    select * from {{ ref('scorecard_signals') }}
),

own_point_rules as (
    select * from {{ ref('point_rules') }}
),
{% for seed in own %}
own_{{ seed }}_rows as (
    select
        scorecard_id,
        scorecard_version,
        '{{ seed }}' as seed,
        {{ row_key(seeds[seed].key) }} as row_key,
        {{ row_key(seeds[seed].cells | reject('in', ['label', later.get(seed)]) | list) }}
        {%- if seed in later %}
        -- As of signals: a later column stands in a release only where it says something.
        || case
            when {{ later[seed] }} = 'none' then ''
            else '/' || coalesce({{ later[seed] }}, '(blank)')
        end
        {%- endif %} as content
    from {{ ref(seed) }}
),
{% endfor %}
version_rows as (
    select
        scorecard_id,
        scorecard_version,
        'scorecards' as seed,
        {{ row_key(seeds.scorecards.key) }} as row_key,
        {{ row_key([
            'valid_from', 'extends_scorecard_id', 'extends_version', 'min_coverage',
            'min_dimension_coverage', 'min_dimensions', 'hold_days', 'margin'
        ]) }} as content
    from versions
),

curve_rows as (
    select
        own_signals.scorecard_id,
        own_signals.scorecard_version,
        'curves' as seed,
        {{ row_key(seeds.curves.key, 'curves') }} as row_key,
        curves.points as content
    from own_signals
    inner join {{ ref('curves') }} as curves on own_signals.curve_id = curves.curve_id
    group by
        own_signals.scorecard_id,
        own_signals.scorecard_version,
        curves.curve_id,
        curves.x,
        curves.points
),

used_signals as (
    select
        scorecard_id,
        scorecard_version,
        signal_id
    from own_signals
    union
    select
        scorecard_id,
        scorecard_version,
        signal_id
    from {{ ref('risk_caps') }}
),

signal_rows as (
    select distinct
        used_signals.scorecard_id,
        used_signals.scorecard_version,
        'signals' as seed,
        signals.signal_id as row_key,
        {{ row_key([
            'grain', 'numerator', 'numerator_window_days', 'denominator',
            'denominator_window_days', 'denominator_offset_days', 'multiplier',
            'zero_denominator', 'scale', 'sources', 'known_by',
            'min_history_days', 'stale_after_days', 'rest_days_to_suppress'
        ], 'signals') }}
        -- Later columns stand in a release only where they say something, so that a release that
        -- was recorded without them stays as it is.
        || case when signals.calculation = 'ratio' then '' else '/' || signals.calculation end
        || case when signals.fresh_days = '0' then '' else '/fresh ' || signals.fresh_days end
        || case when signals.min_count = '0' then '' else '/least ' || signals.min_count end
            as content
    from used_signals
    inner join {{ ref('signals') }} as weighed on used_signals.signal_id = weighed.signal_id
    -- A signal that is calculated from another one is defined by both.
    inner join {{ ref('signals') }} as signals
        on signals.signal_id in (weighed.signal_id, weighed.numerator)
),

step_rows as (
    select
        own_point_rules.scorecard_id,
        own_point_rules.scorecard_version,
        'point_rule_steps' as seed,
        {{ row_key(seeds.point_rule_steps.key, 'steps') }} as row_key,
        {{ row_key(seeds.point_rule_steps.cells | list, 'steps') }} as content
    from own_point_rules
    inner join {{ ref('point_rule_steps') }} as steps on own_point_rules.rule_id = steps.rule_id
),

final as (
    {% for seed in own -%}
    select scorecard_id, scorecard_version, seed, row_key, content from own_{{ seed }}_rows
    union all
    {% endfor -%}
    select scorecard_id, scorecard_version, seed, row_key, content from version_rows
    union all
    select scorecard_id, scorecard_version, seed, row_key, content from curve_rows
    union all
    select scorecard_id, scorecard_version, seed, row_key, content from signal_rows
    union all
    select scorecard_id, scorecard_version, seed, row_key, content from step_rows
)

select * from final
