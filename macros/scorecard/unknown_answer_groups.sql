{#- Rows that wait for answers of a group that their kind does not have. -#}
{% macro unknown_answer_groups(seed, rows, row_key) -%}
    {%- set kinds = [] -%}
    {%- for kind, table in event_tables().items() if table == 'survey_responses' -%}
        {%- do kinds.append(kind) -%}
    {%- endfor -%}
    select
        '{{ seed }}' as seed,
        {{ row_key }} as row_key,
        'there is no group ' || {{ rows }}.event_key || ' of answers of the kind '
        || {{ rows }}.event_kind as problem,
        'use any, or a group_id of this kind in survey_groups.csv' as mend
    from {{ rows }}
    left join {{ ref('survey_groups') }} as survey_groups
        on {{ rows }}.event_kind = survey_groups.kind
        and {{ rows }}.event_key = survey_groups.group_id
    where
        {{ rows }}.event_kind in ('{{ kinds | join("', '") }}')
        and {{ rows }}.event_key != 'any'
        and survey_groups.group_id is null
{%- endmacro %}
