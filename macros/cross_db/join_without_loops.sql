{#-
    A planner that takes the columns of a key as independent guesses one row where a join finds
    thousands, and loops over them; engines that do not guess so need nothing. Holds for one model.
-#}
{% macro join_without_loops() -%}
    {{ return(adapter.dispatch('join_without_loops', 'customer_health')()) }}
{%- endmacro %}

{% macro default__join_without_loops() -%}{%- endmacro %}

{% macro postgres__join_without_loops() -%}
    set local enable_nestloop = off
{%- endmacro %}
