{#-
    dbt makes schemas before the hooks of the project run, and fails in a database that is named
    main. So the name is checked here, too.
-#}
{% macro duckdb__create_schema(relation) -%}
    {%- do duckdb__check_database() -%}
    {%- call statement('create_schema') -%}
    create schema if not exists {{ relation.without_identifier() }}
    {%- endcall -%}
{%- endmacro %}
