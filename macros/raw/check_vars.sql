{#- What an engineer switched is possible; said before anything runs. -#}
{% macro check_vars() -%}
    {%- if score_cadence() not in ('day', 'week') -%}
        {%- do exceptions.raise_compiler_error(
            "health__score_cadence (or HEALTH_SCORE_CADENCE) is `" ~ score_cadence()
            ~ "`. Mend: day, or week.") -%}
    {%- endif -%}
    {%- if base_currency() and not modules.re.match('^[A-Z][A-Z0-9]{2,9}$', base_currency()) -%}
        {%- do exceptions.raise_compiler_error(
            "health__base_currency (or HEALTH_BASE_CURRENCY) is `" ~ base_currency()
            ~ "`. Mend: the code of a currency as the data write it, such as USD, or leave it"
            ~ " empty.") -%}
    {%- endif -%}
    {%- for name in [
        'health__as_of_date', 'health__start_date', 'health__rebuild_from', 'health__rebuild_to'
    ] if var(name) -%}
        {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', var(name) | string) -%}
            {%- do exceptions.raise_compiler_error(
                name ~ " is `" ~ var(name)
                ~ "`. Mend: a date as year-month-day, or leave it empty.") -%}
        {%- endif -%}
        {%- set year, month, day = (var(name) | string).split('-') | map('int') -%}
        {%- if not (
            year >= 1900 and 1 <= month <= 12 and 1 <= day <= 31
            and (
                modules.datetime.date(year, month, 1) + modules.datetime.timedelta(days=day - 1)
            ).month == month
        ) -%}
            {%- do exceptions.raise_compiler_error(
                name ~ " is `" ~ var(name) ~ "`, and there is no such day from 1900 on. Mend: a"
                ~ " date as year-month-day, or leave it empty.") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if var('health__start_date') and var('health__as_of_date')
        and var('health__start_date') | string > var('health__as_of_date') | string -%}
        {%- do exceptions.raise_compiler_error(
            "health__start_date is " ~ var('health__start_date') ~ ", after health__as_of_date, "
            ~ var('health__as_of_date') ~ ", so that no day is scored. Mend: move one of them.") -%}
    {%- endif -%}
{%- endmacro %}
