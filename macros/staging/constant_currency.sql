{#-
    Money in constant currency (int_activity__currency_rates): the first macro joins the CTE `rates`
    to a table with a column `currency`, the second converts. An amount whose currency has no known
    rate is null, and so is one that its rate makes larger than amounts may be; zero is zero.
-#}
{% macro join_rates(table) -%}
    left join rates
        on coalesce({{ table }}.currency, '') = rates.currency
{%- endmacro %}

{% macro in_constant_currency(amount, table) -%}
    {%- set converted = 'case when ' ~ amount ~ ' = 0 then 0 else (' ~ amount
        ~ ') * rates.rate_to_base end' -%}
    {{ clean_number(converted, 'decimal(18, 2)') }}
{%- endmacro %}


{#- The currency that needs no rate: the var, else HEALTH_BASE_CURRENCY; empty where none is. -#}
{% macro base_currency() -%}
    {{ return((var('health__base_currency') or env_var('HEALTH_BASE_CURRENCY', ''))
        | string | trim | upper) }}
{%- endmacro %}
