{#-
    The CTE `last_day`: what every mart that speaks of now means by now. It is a day of the
    calendar, whether or not anybody is still a customer on it.
-#}
{% macro last_scored_day() -%}
    select max(calendar_date) as last_day
    from {{ ref('int_accounts__calendar') }}
    where is_scored
{%- endmacro %}
