{#-
    Whether a measured signal counts any of these measures: what nobody asks for is not computed.
    Reads the CTE measures_in_use.
-#}
{% macro is_counted(measures) -%}
    exists (
        select 1 from measures_in_use
        where measures_in_use.measure_id in ('{{ measures | join("', '") }}')
    )
{%- endmacro %}
