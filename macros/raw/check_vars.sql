{#- What an engineer switched is possible; said before anything runs. -#}
{% macro check_vars() -%}
    {%- if var('health__score_cadence') not in ('day', 'week') -%}
        {%- do exceptions.raise_compiler_error(
            "health__score_cadence is `" ~ var('health__score_cadence')
            ~ "`. Mend: day, or week.") -%}
    {%- endif -%}
    {%- for name in [
        'health__as_of_date', 'health__start_date', 'health__rebuild_from', 'health__rebuild_to'
    ] if var(name) -%}
        {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', var(name) | string) -%}
            {%- do exceptions.raise_compiler_error(
                name ~ " is `" ~ var(name)
                ~ "`. Mend: a date as year-month-day, or leave it empty.") -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
