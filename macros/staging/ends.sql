{#-
    A period ends on its last day, or before the first day that it no longer covers. Either column
    tells the other; where both are given they must agree.
-#}
{% macro last_day(ends_on, ends_before) -%}
    coalesce({{ ends_on }}, {{ add_days(ends_before, -1) }})
{%- endmacro %}

{% macro first_day_after(ends_on, ends_before) -%}
    coalesce({{ ends_before }}, {{ add_days(ends_on, 1) }})
{%- endmacro %}

{% macro ends_disagree(ends_on, ends_before) -%}
    coalesce({{ ends_on }} != {{ add_days(ends_before, -1) }}, false)
{%- endmacro %}
