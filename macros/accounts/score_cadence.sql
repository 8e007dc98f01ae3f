{#- How often accounts are scored: the var, else HEALTH_SCORE_CADENCE, else every day. -#}
{% macro score_cadence() -%}
    {{ return(var('health__score_cadence') or env_var('HEALTH_SCORE_CADENCE', '') or 'day') }}
{%- endmacro %}
