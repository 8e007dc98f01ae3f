{#-
    Last day of a row of a seed that holds from its valid_from on: the day before the next row of
    the same key begins.
-#}
{% macro holds_until(key, valid_from=none) -%}
    {%- set first_day = valid_from or try_date('valid_from') -%}
    coalesce(
            {{ add_days(
                'lead(' ~ first_day ~ ') over ('
                ~ 'partition by ' ~ key ~ ' order by ' ~ first_day ~ ')', -1
            ) }},
            cast('9999-12-31' as date)
        )
{%- endmacro %}
