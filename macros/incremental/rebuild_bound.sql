{#- A bound of the days that health__rebuild_from and _to ask for; null without them. -#}
{% macro rebuild_bound(name, otherwise) -%}
    {%- if not var('health__rebuild_from') and not var('health__rebuild_to') -%}
    cast(null as date)
    {%- else -%}
    cast('{{ var(name) or otherwise }}' as date)
    {%- endif -%}
{%- endmacro %}
