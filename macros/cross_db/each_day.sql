{#-
    Every row of a relation once for each day from `first_day` to `last_day`, with the day as
    `day_name`. Engines have a function for this; where none is known, it is a join with numbers.
-#}
{% macro each_day(relation, first_day, last_day, day_name) -%}
    {{ return(adapter.dispatch('each_day', 'customer_health')(
        relation, first_day, last_day, day_name
    )) }}
{%- endmacro %}

{% macro default__each_day(relation, first_day, last_day, day_name) -%}
    select
        spread.*,
        {{ add_days('spread.' ~ first_day, 'numbers.generated_number - 1') }} as {{ day_name }}
    from {{ relation }} as spread
    inner join ({{ dbt.generate_series(36525) }}) as numbers
        on numbers.generated_number
        <= {{ days_between('spread.' ~ first_day, 'spread.' ~ last_day) }} + 1
{%- endmacro %}

{% macro duckdb__each_day(relation, first_day, last_day, day_name) -%}
    select
        * exclude (days_later),
        {{ add_days(first_day, 'days_later') }} as {{ day_name }}
    from (
        select
            *,
            unnest(range({{ last_day }} - {{ first_day }} + 1)) as days_later
        from {{ relation }}
    ) as spread
{%- endmacro %}

{% macro postgres__each_day(relation, first_day, last_day, day_name) -%}
    select
        spread.*,
        {{ add_days('spread.' ~ first_day, 'steps.days_later') }} as {{ day_name }}
    from {{ relation }} as spread
    cross join lateral generate_series(0, spread.{{ last_day }} - spread.{{ first_day }})
        as steps (days_later)
{%- endmacro %}

{% macro spark__each_day(relation, first_day, last_day, day_name) -%}
    select
        spread.*,
        explode(sequence(spread.{{ first_day }}, spread.{{ last_day }})) as {{ day_name }}
    from {{ relation }} as spread
{%- endmacro %}
