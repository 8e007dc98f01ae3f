{#- For a CTE that is to be computed by itself and not as a part of what reads it. -#}
{% macro materialized() -%}
    {{ return(adapter.dispatch('materialized', 'customer_health')()) }}
{%- endmacro %}

{% macro default__materialized() -%}
    materialized
{%- endmacro %}

{% macro spark__materialized() -%}{%- endmacro %}


{#- For a CTE that is read twice, and too long to be held. -#}
{% macro not_materialized() -%}
    {{ return(adapter.dispatch('not_materialized', 'customer_health')()) }}
{%- endmacro %}

{% macro default__not_materialized() -%}
    not materialized
{%- endmacro %}

{% macro spark__not_materialized() -%}{%- endmacro %}
