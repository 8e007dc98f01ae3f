{#- For a CTE that is to be computed by itself and not as a part of what reads it. -#}
{% macro materialized() -%}
    {{ return(adapter.dispatch('materialized', 'customer_health')()) }}
{%- endmacro %}

{% macro default__materialized() -%}
    materialized
{%- endmacro %}

{% macro spark__materialized() -%}{%- endmacro %}
