{#-
    One row per finding and source of a relation that has one row per untidy thing: finding_id,
    source_id, row_count, account_id and example (a text that names the thing, or null). Up to three
    examples stand for all, the first in order, so that a rebuild names the same.
-#}
{% macro findings_of(things) -%}
    select
        finding_id,
        source_id,
        cast(sum(row_count) as bigint) as row_count,
        cast(count(distinct account_id) as bigint) as account_count,
        {{ examples_in_order('example', 'example_number') }} as example
    from (
        select
            finding_id,
            source_id,
            row_count,
            account_id,
            example,
            dense_rank() over (
                partition by finding_id, source_id
                order by case when example is null then 1 else 0 end, example
            ) as example_number
        from {{ things }}
    ) as numbered
    group by finding_id, source_id
{%- endmacro %}


{#- The first three texts by their number, with commas between. -#}
{% macro examples_in_order(text, number) -%}
    coalesce(max(case when {{ number }} = 1 then {{ text }} end), 'not known')
        || coalesce(', ' || max(case when {{ number }} = 2 then {{ text }} end), '')
        || coalesce(', ' || max(case when {{ number }} = 3 then {{ text }} end), '')
{%- endmacro %}


{#- The words of a finding with its figures in place of {rows}, {accounts}, {example}, {source}. -#}
{% macro with_figures(words, finding) -%}
    {%- set filled = namespace(words=words) -%}
    {%- for name, column in [
        ('rows', 'row_count'), ('accounts', 'account_count'), ('example', 'example'),
        ('source', 'source_id')
    ] -%}
        {%- set filled.words = "replace(" ~ filled.words ~ ", '{" ~ name ~ "}', cast(" ~ finding
            ~ "." ~ column ~ " as " ~ dbt.type_string() ~ "))" -%}
    {%- endfor -%}
    {{ filled.words }}
{%- endmacro %}
