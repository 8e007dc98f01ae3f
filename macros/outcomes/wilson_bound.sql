{#-
    An end of Wilson's interval of a rate, `side` being - or +: centre and half width, both over
    1 + z² / n. All arguments are floating-point numbers.
-#}
{% macro wilson_bound(rate, n, z, side) -%}
    ({{ rate }} + {{ z }} * {{ z }} / (2 * {{ n }})
    {{ side }} {{ z }} * sqrt(
        {{ rate }} * (1 - {{ rate }}) / {{ n }} + {{ z }} * {{ z }} / (4 * {{ n }} * {{ n }})
    )) / (1 + {{ z }} * {{ z }} / {{ n }})
{%- endmacro %}
