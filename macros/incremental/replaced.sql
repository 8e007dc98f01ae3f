{#-
    The incremental strategy `replaced`: for a model that holds only what this run computes from, so
    that what comes after it in the run reads it whole.
-#}
{% macro get_incremental_replaced_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ target }};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
