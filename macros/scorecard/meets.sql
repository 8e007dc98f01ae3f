{#- Whether a value meets the condition of a seed row: its operator and its bound. -#}
{% macro meets(value, operator, bound) -%}
    (
        ({{ operator }} = 'at_least' and {{ value }} >= {{ bound }})
        or ({{ operator }} = 'at_most' and {{ value }} <= {{ bound }})
        or ({{ operator }} = 'above' and {{ value }} > {{ bound }})
        or ({{ operator }} = 'below' and {{ value }} < {{ bound }})
    )
{%- endmacro %}
