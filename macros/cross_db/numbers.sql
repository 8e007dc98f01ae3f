{#- Engines differ in the name of the 8-byte floating-point number. -#}
{% macro type_double() -%}
    double precision
{%- endmacro %}


{% macro as_double(expression) -%}
    cast({{ expression }} as {{ type_double() }})
{%- endmacro %}


{#-
    A floating-point number as a decimal, rounded half away from zero. The first cast takes off the
    noise beyond the 12th decimal, which is where engines would round 5.468749999999999 differently.
-#}
{% macro to_decimal(expression, precision, scale) -%}
    cast(
        cast({{ expression }} as decimal({{ precision - scale + 12 }}, 12))
        as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro %}


{#-
    A sum of shares as a decimal: in floating point the order of the rows decides whether it is 0.4
    or 0.3999999999999999, and a comparison with 0.4 would go either way.
-#}
{% macro without_noise(expression) -%}
    cast({{ expression }} as decimal(18, 12))
{%- endmacro %}


{#- The number that a text spells, or null where it spells none. -#}
{% macro try_decimal(text) -%}
    {{ return(adapter.dispatch('try_decimal', 'customer_health')(text)) }}
{%- endmacro %}

{% macro default__try_decimal(text) -%}
    try_cast({{ text }} as decimal(18, 6))
{%- endmacro %}

{% macro postgres__try_decimal(text) -%}
    case
        when {{ text }} ~ '^\s*[-+]?[0-9]{1,12}([.][0-9]*)?\s*$'
            then cast({{ text }} as decimal(18, 6))
    end
{%- endmacro %}


{#- The whole number that a text spells, or null where it spells no number. -#}
{% macro try_integer(text) -%}
    cast({{ try_decimal(text) }} as integer)
{%- endmacro %}


{#- The date that a text spells as year-month-day, or null where it spells none. -#}
{% macro try_date(text) -%}
    {{ return(adapter.dispatch('try_date', 'customer_health')(text)) }}
{%- endmacro %}

{% macro default__try_date(text) -%}
    try_cast({{ text }} as date)
{%- endmacro %}

{% macro postgres__try_date(text) -%}
    case when pg_input_is_valid({{ text }}, 'date') then cast({{ text }} as date) end
{%- endmacro %}


{#- The floating-point number that a text spells, or null where it spells none. -#}
{% macro try_double(text) -%}
    {{ return(adapter.dispatch('try_double', 'customer_health')(text)) }}
{%- endmacro %}

{% macro default__try_double(text) -%}
    try_cast({{ text }} as {{ type_double() }})
{%- endmacro %}

{% macro postgres__try_double(text) -%}
    case
        when {{ text }} ~ '^\s*[-+]?[0-9]+([.][0-9]*)?([eE][-+]?[0-9]{1,3})?\s*$'
            then cast({{ text }} as {{ type_double() }})
    end
{%- endmacro %}


{#-
    The probability of log odds. Beyond 30 it is 0 or 1 to every decimal, and some engines overflow.
-#}
{% macro logistic(log_odds) -%}
    1 / (1 + exp(-greatest(least({{ log_odds }}, 30), -30)))
{%- endmacro %}
