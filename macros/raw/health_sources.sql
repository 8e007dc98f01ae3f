{#-
    The raw tables that are on: the var, else HEALTH_SOURCES (comma-separated), else the whole
    contract.
-#}
{% macro health_sources() -%}
    {%- set chosen = var('health__sources') or env_var('HEALTH_SOURCES', '') -%}
    {%- if chosen is string -%}
        {%- set chosen = chosen.split(',') | map('trim') | select | list -%}
    {%- endif -%}
    {{ return(chosen or health_contract() | map(attribute='name') | list) }}
{%- endmacro %}


{% macro source_is_on(table_name) -%}
    {{ return(table_name in health_sources()) }}
{%- endmacro %}


{#- All tables of the raw contract, from the sources files. Known once dbt has parsed them. -#}
{% macro health_contract() -%}
    {{ return(graph.sources.values() | selectattr('package_name', 'equalto', project_name)
        | sort(attribute='name') | list if execute else []) }}
{%- endmacro %}
