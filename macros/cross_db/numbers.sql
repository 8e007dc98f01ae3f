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
    {{ return(adapter.dispatch('to_decimal', 'customer_health')(expression, precision, scale)) }}
{%- endmacro %}

{% macro default__to_decimal(expression, precision, scale) -%}
    cast(
        cast({{ expression }} as decimal({{ precision - scale + 12 }}, 12))
        as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro %}

{#-
    DuckDB rounds a decimal of more than 18 digits twenty times slower than one of 18, which is
    enough for every number below a million. Both give the same.
-#}
{% macro duckdb__to_decimal(expression, precision, scale) -%}
    {%- set of_any_size = default__to_decimal(expression, precision, scale) -%}
    {%- if precision - scale + 12 <= 18 -%}
    {{ of_any_size }}
    {%- else -%}
    coalesce(
        cast(
            try_cast({{ expression }} as decimal(18, 12))
            as decimal({{ precision }}, {{ scale }})
        ),
        {{ of_any_size }}
    )
    {%- endif -%}
{%- endmacro %}


{#-
    A sum of shares as a decimal: in floating point the order of the rows decides whether it is 0.4
    or 0.3999999999999999, and a comparison with 0.4 would go either way.
-#}
{% macro without_noise(expression) -%}
    cast({{ expression }} as decimal(18, 12))
{%- endmacro %}


{#-
    Whether a text as a whole matches a pattern. Patterns keep to what every engine reads the same:
    sets, repetition, groups; no backslash.
-#}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches', 'customer_health')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    {{ text }} ~ '^({{ pattern }})$'
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    {{ text }} rlike '^({{ pattern }})$'
{%- endmacro %}


{#-
    What the texts of seeds spell, or null. Casts of engines differ in what they take (1e1, .5, +5,
    01, today); these take one spelling, so that a seed is right on all of them or on none.
-#}
{% macro try_decimal(text) -%}
    case
        when {{ matches(text, decimal_pattern(6)) }} then cast({{ text }} as decimal(18, 6))
    end
{%- endmacro %}

{% macro try_double(text) -%}
    case
        when {{ matches(text, decimal_pattern(20)) }} then {{ as_double(text) }}
    end
{%- endmacro %}

{% macro try_integer(text) -%}
    case when {{ matches(text, '0|[1-9][0-9]{0,8}') }} then cast({{ text }} as integer) end
{%- endmacro %}

{#- A number as people write it, with no more decimals than are kept. -#}
{% macro decimal_pattern(decimals) -%}
    -?(0|[1-9][0-9]{0,11})([.][0-9]{1,{{ decimals }}})?
{%- endmacro %}


{#- The date that a text spells as year-month-day, or null where it spells none. -#}
{% macro try_date(text) -%}
    case
        when {{ matches(text, '[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}') }}
            then {{ adapter.dispatch('try_cast_date', 'customer_health')(text) }}
    end
{%- endmacro %}

{% macro default__try_cast_date(text) -%}
    try_cast({{ text }} as date)
{%- endmacro %}

{% macro postgres__try_cast_date(text) -%}
    case when pg_input_is_valid({{ text }}, 'date') then cast({{ text }} as date) end
{%- endmacro %}


{#-
    The probability of log odds. Beyond 30 it is 0 or 1 to every decimal, and some engines overflow.
-#}
{% macro logistic(log_odds) -%}
    1 / (1 + exp(-greatest(least({{ log_odds }}, 30), -30)))
{%- endmacro %}
