-- Point rules: points and days that can do something, and steps that follow each other.
{%- set seeds = scorecard_seeds() %}

with point_rules as (
    select
        *,
        {{ row_key(seeds.point_rules.key) }} as row_key
    from {{ ref('point_rules') }}
),

steps as (
    select
        *,
        {{ row_key(seeds.point_rule_steps.key) }} as row_key
    from {{ ref('point_rule_steps') }}
),

wrong_points as (
    select
        'point_rules' as seed,
        row_key,
        'points lie outside -100 to 100' as problem,
        'write points from -100 to 100, or 0 to take the rule out' as mend
    from point_rules
    where {{ try_decimal('points') }} not between -100 and 100
    union all
    select
        'point_rules' as seed,
        row_key,
        'limit_points is less than one firing gives or takes' as problem,
        'write the most points that all firings together may give or take' as mend
    from point_rules
    where {{ try_decimal('limit_points') }} < abs({{ try_decimal('points') }})
    union all
    select
        'point_rules' as seed,
        row_key,
        'limit_points is above 1000' as problem,
        'write at most 1000; more than 100 limits nothing' as mend
    from point_rules
    where {{ try_decimal('limit_points') }} > 1000
),

no_days as (
    {% for column in ['completion_days', 'expires_after_days'] -%}
    select
        'point_rules' as seed,
        row_key,
        '{{ column }} is 0, so that the rule never gives a point' as problem,
        'write 1 or more days (1 for the same day)' as mend
    from point_rules
    where {{ try_decimal(column) }} = 0
    union all
    {% endfor -%}
    select
        'point_rule_steps' as seed,
        row_key,
        'consecutive_days is 0' as problem,
        'write 1 or more days' as mend
    from steps
    where {{ try_decimal('consecutive_days') }} = 0
),

unnumbered as (
    select
        'point_rule_steps' as seed,
        rule_id as row_key,
        'the steps of the rule are not numbered 1, 2, 3 and so on' as problem,
        'number them from 1, without a gap' as mend
    from steps
    group by rule_id
    having
        min({{ try_decimal('step_number') }}) != 1
        or max({{ try_decimal('step_number') }}) != count(distinct step_number)
),

unknown_keys as (
    {% for kind, keys in event_kinds().items() if keys -%}
    select
        'point_rule_steps' as seed,
        row_key,
        'unknown event_key ' || event_key || ' of the kind {{ kind }}' as problem,
        'use any, {{ keys | join(", ") }}' as mend
    from steps
    where event_kind = '{{ kind }}' and event_key not in ('any', '{{ keys | join("', '") }}')
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

unknown_groups as (
    {{ unknown_answer_groups('point_rule_steps', 'steps', 'steps.row_key') }}
),

final as (
    select seed, row_key, problem, mend from wrong_points
    union all
    select seed, row_key, problem, mend from no_days
    union all
    select seed, row_key, problem, mend from unnumbered
    union all
    select seed, row_key, problem, mend from unknown_keys
    union all
    select seed, row_key, problem, mend from unknown_groups
)

select * from final
