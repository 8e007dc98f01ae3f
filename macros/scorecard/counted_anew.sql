{#-
    until_date, quantity and last_date (int_signals__usage_measures) of a thing that counts once in
    a window, on however many days it is seen: each day on which it is seen counts it anew.
-#}
{% macro counted_anew(thing, day='activity_date') -%}
{%- set in_time -%}
over (
            partition by {{ thing | join(', ') }}
            order by {{ day }}
        )
{%- endset -%}
lead({{ day }}) {{ in_time }} as until_date,
        cast(1 as decimal(18, 2)) as quantity,
        lag({{ day }}, 1, cast('1900-01-01' as date)) {{ in_time }} as last_date
{%- endmacro %}
