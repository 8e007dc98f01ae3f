{#- The rows of a raw table, or none of them, in the contract's types, where the source is off. -#}
{% macro raw_rows(source_name, table_name) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- if not execute or source_is_on(table_name) -%}
        select * from {{ relation }}
    {%- else -%}
        {%- set table = health_contract() | selectattr('name', 'equalto', table_name) | first -%}
        select
        {%- for column in table.columns.values() %}
            cast(null as {{ api.Column.translate_type(column.data_type) }}) as {{ column.name }}
            {{- ',' if not loop.last }}
        {%- endfor %}
        where false
    {%- endif -%}
{%- endmacro %}
