{#- A date some days later (or earlier), as a date; `days` may be any whole-number expression. -#}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days', 'customer_health')(date, days)) }}
{%- endmacro %}

{% macro default__add_days(date, days) -%}
    cast(({{ date }}) + cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro spark__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as integer))
{%- endmacro %}


{#- Whole days from one date to a later one. -#}
{% macro days_between(earlier, later) -%}
    {{ dbt.datediff(earlier, later, 'day') }}
{%- endmacro %}


{#-
    Hours from one moment to a later one, to the hundredth, of whole minutes of the clock; zero
    where the later one is earlier.
-#}
{% macro hours_between(earlier, later) -%}
    cast(
        greatest({{ dbt.datediff(earlier, later, 'minute') }}, 0) / {{ as_double('60') }}
        as decimal(18, 2)
    )
{%- endmacro %}


{#- 1 for Monday to 7 for Sunday. -#}
{% macro iso_weekday(date) -%}
    {{ return(adapter.dispatch('iso_weekday', 'customer_health')(date)) }}
{%- endmacro %}

{% macro default__iso_weekday(date) -%}
    cast(extract(isodow from {{ date }}) as integer)
{%- endmacro %}

{% macro spark__iso_weekday(date) -%}
    cast(extract(dayofweek_iso from {{ date }}) as integer)
{%- endmacro %}
