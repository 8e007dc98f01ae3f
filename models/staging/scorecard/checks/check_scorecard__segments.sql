-- Segment rules look at attributes that exist, compare numbers with numbers, and catch everybody.
{%- set attributes = segment_attributes() %}

with segments as (
    select
        *,
        {{ row_key(scorecard_seeds().segments.key) }} as row_key
    from {{ ref('segments') }}
),

unknown_attributes as (
    select
        'segments' as seed,
        row_key,
        'unknown attribute ' || attribute as problem,
        'use any, {{ (attributes.text + attributes.number) | join(", ") }}' as mend
    from segments
    where attribute not in ('any', '{{ (attributes.text + attributes.number) | join("', '") }}')
),

wrong_comparisons as (
    select
        'segments' as seed,
        row_key,
        'the operator ' || operator || ' compares numbers' as problem,
        'use it with a number, on one of {{ attributes.number | join(", ") }}' as mend
    from segments
    where
        operator in ('at_least', 'below')
        and (
            attribute not in ('{{ attributes.number | join("', '") }}')
            or {{ try_decimal('value') }} is null
        )
    union all
    select
        'segments' as seed,
        row_key,
        'the operator ' || operator || ' compares words' as problem,
        'use at_least or below for numbers' as mend
    from segments
    where
        operator in ('is', 'is_not', 'in')
        and attribute in ('{{ attributes.number | join("', '") }}')
),

-- A word of a list is what stands between two bars, blanks included.
spaced_lists as (
    select
        'segments' as seed,
        row_key,
        'the list ' || value || ' has blanks beside a bar, or nothing between two' as problem,
        'write its words with one | between them' as mend
    from segments
    where
        operator = 'in'
        and (
            value like '% |%'
            or value like '%| %'
            or '|' || value || '|' like '%||%'
        )
),

unknown_stages as (
    select
        'segments' as seed,
        row_key,
        'lifecycle_stage ' || operator || ' ' || value || ' names a stage that does not exist'
            as problem,
        'use {{ lifecycle_stages() | join(", ") }}, for in with | between them' as mend
    from segments
    where
        attribute = 'lifecycle_stage'
        and (
            (
                operator in ('is', 'is_not')
                and lower(value) not in ('{{ lifecycle_stages() | join("', '") }}')
            )
            or (
                operator = 'in'
                and length(value) - length(replace(value, '|', '')) + 1 != (
                    {%- for stage in lifecycle_stages() %}
                    case
                        when {{ dbt.position(
                            "'|" ~ stage ~ "|'", "'|' || lower(value) || '|'"
                        ) }} > 0
                            then 1
                        else 0
                    end {{- ' +' if not loop.last }}
                    {%- endfor %}
                )
            )
        )
),

split_segments as (
    select
        'segments' as seed,
        segment_id || ' from ' || valid_from as row_key,
        'the rows of one segment differ in priority, scorecard or valid_to' as problem,
        'give them the same, or another segment_id' as mend
    from segments
    group by segment_id, valid_from
    having
        min(priority) != max(priority)
        or min(scorecard_id) != max(scorecard_id)
        or min(valid_to) != max(valid_to)
),

ended_segments as (
    select
        'segments' as seed,
        row_key,
        'valid_to lies before valid_from' as problem,
        'write the last day on which it holds' as mend
    from segments
    where {{ try_date('valid_to') }} < {{ try_date('valid_from') }}
),

no_catch_all as (
    select
        'segments' as seed,
        '(none)' as row_key,
        'no segment takes the accounts that no other takes' as problem,
        'add a row with attribute any, operator is, value any, and the largest priority' as mend
    from segments
    having coalesce(max(case when attribute = 'any' then 1 end), 0) = 0
),

final as (
    select seed, row_key, problem, mend from unknown_attributes
    union all
    select seed, row_key, problem, mend from wrong_comparisons
    union all
    select seed, row_key, problem, mend from spaced_lists
    union all
    select seed, row_key, problem, mend from unknown_stages
    union all
    select seed, row_key, problem, mend from split_segments
    union all
    select seed, row_key, problem, mend from ended_segments
    union all
    select seed, row_key, problem, mend from no_catch_all
)

select * from final
