{#- Where there is a value it lies between lowest and highest, both included. -#}
{% test between(model, column_name, lowest, highest) %}
select *
from {{ model }}
where {{ column_name }} < {{ lowest }} or {{ column_name }} > {{ highest }}
{% endtest %}
