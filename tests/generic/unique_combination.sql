{#- The columns together name one row: none is shared, and only `nullable` columns may be null. -#}
{% test unique_combination(model, columns, nullable=[]) %}
select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
group by
    {{ columns | join(',\n    ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
