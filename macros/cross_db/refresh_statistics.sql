{#-
    A planner that has never seen a new table guesses it small and loops over it; engines that plan
    without statistics need nothing.
-#}
{% macro refresh_statistics(relation) -%}
    {{ return(adapter.dispatch('refresh_statistics', 'customer_health')(relation)) }}
{%- endmacro %}

{% macro default__refresh_statistics(relation) -%}{%- endmacro %}

{% macro postgres__refresh_statistics(relation) -%}
    analyze {{ relation }}
{%- endmacro %}
