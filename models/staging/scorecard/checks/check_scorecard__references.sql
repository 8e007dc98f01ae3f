-- Every name that a row uses exists in the seed that defines it.
{%- set references = [
    ('scorecard_signals', ['scorecard_id', 'scorecard_version', 'signal_id'], 'signal_id', 'signals', 'signal_id'),
    ('scorecard_signals', ['scorecard_id', 'scorecard_version', 'signal_id'], 'curve_id', 'curves', 'curve_id'),
    ('segments', ['segment_id', 'attribute', 'operator', 'value', 'valid_from'], 'scorecard_id', 'scorecards', 'scorecard_id'),
    ('account_overrides', ['override_id'], 'signal_id', 'signals', 'signal_id'),
    ('signals', ['signal_id'], 'numerator', 'measures', 'measure_id'),
    ('signals', ['signal_id'], 'denominator', 'measures', 'measure_id'),
] %}

with version_names as (
    select scorecard_id || '/' || scorecard_version as version_name
    from {{ ref('scorecards') }}
),

own_dimensions as (
    select
        scorecard_id,
        scorecard_version,
        dimension_id
    from {{ ref('base_scorecard__dimensions') }}
),

unknown_versions as (
    {% for seed in ['dimensions', 'scorecard_signals', 'bands'] -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(scorecard_seeds()[seed].key) }} as row_key,
        'there is no version ' || scorecard_version || ' of a scorecard ' || scorecard_id as problem,
        'name a version of scorecards.csv or add it there' as mend
    from {{ ref(seed) }}
    where scorecard_id || '/' || scorecard_version not in (select version_name from version_names)
    union all
    {% endfor -%}
    select
        'scorecards' as seed,
        {{ row_key(scorecard_seeds().scorecards.key) }} as row_key,
        'it extends ' || extends_scorecard_id || '/' || extends_version || ', which does not exist' as problem,
        'extend a version of scorecards.csv, or none and 0' as mend
    from {{ ref('scorecards') }}
    where
        extends_scorecard_id != 'none'
        and extends_scorecard_id || '/' || extends_version not in (select version_name from version_names)
),

unknown_dimensions as (
    select
        'scorecard_signals' as seed,
        {{ row_key(['scorecard_id', 'scorecard_version', 'signal_id'], 'scorecard_signals') }} as row_key,
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
    {% for seed, key, column, target, target_column in references -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(key, 'owner') }} as row_key,
        'unknown {{ column }} ' || owner.{{ column }} as problem,
        'use a {{ target_column }} of {{ target }}.csv' as mend
    from {{ ref(seed) }} as owner
    left join (
        select {{ target_column }} as known_name
        from {{ ref(target) }}
        group by {{ target_column }}
    ) as known on owner.{{ column }} = known.known_name
    where known.known_name is null and owner.{{ column }} != 'none'
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
        override_id as row_key,
        'unknown curve_id ' || value as problem,
        'use a curve_id of curves.csv' as mend
    from {{ ref('account_overrides') }}
    where
        field = 'curve_id'
        and value not in (select curve_id from {{ ref('curves') }} where curve_id is not null)
),

final as (
    select * from unknown_versions
    union all
    select * from unknown_dimensions
    union all
    select * from unknown_names
    union all
    select * from unknown_scales
    union all
    select * from unknown_curves
)

select * from final
