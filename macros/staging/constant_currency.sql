{#-
    Money in constant currency: every currency at its earliest rate, for good, so that a moving
    exchange rate moves nothing. The first macro is the CTE `rates`, the second joins it to a table
    with a column `currency`; a currency without a rate makes the amount null, and so does a rate
    that makes it larger than amounts may be.
-#}
{% macro earliest_rates() -%}
    select
        currency,
        rate_to_base,
        row_number() over (partition by currency order by valid_from) as rate_number
    from {{ ref('stg_billing__exchange_rates') }}
{%- endmacro %}

{% macro join_rates(table) -%}
    left join rates
        on {{ table }}.currency = rates.currency
        and rates.rate_number = 1
{%- endmacro %}

{% macro in_constant_currency(amount, table) -%}
    {%- if source_is_on('exchange_rates') -%}
        {%- set amount = '(' ~ amount ~ ') * case when ' ~ table ~ '.currency is null then 1 else'
            ~ ' rates.rate_to_base end' -%}
    {%- endif -%}
    {{ clean_number(amount, 'decimal(18, 2)') }}
{%- endmacro %}
