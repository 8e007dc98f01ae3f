-- Every cell of every scorecard seed spells what it must: no blanks, numbers where numbers belong.
{%- set checks = [] %}
{%- for seed, shape in scorecard_seeds().items() %}
    {%- for column in shape.key if column not in shape.cells %}
        {%- set kind = 'date' if column.startswith('valid_') else 'whole' if column == 'scorecard_version'
            else 'number' if column == 'x' else 'text' %}
        {%- do checks.append((seed, shape.key, column, kind)) %}
    {%- endfor %}
    {%- for column, kind in shape.cells.items() %}
        {%- do checks.append((seed, shape.key, column, kind)) %}
    {%- endfor %}
{%- endfor %}

with final as (
    {% for seed, key, column, kind in checks -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(key) }} as row_key,
        '{{ column }} is ' || coalesce('"' || {{ column }} || '"', 'blank') as problem,
        {% if kind == 'text' -%}
        'fill it; the word none stands for nothing' as mend
        {%- elif kind == 'number' -%}
        'write a number such as 12.5' as mend
        {%- elif kind == 'whole' -%}
        'write a whole number from 0' as mend
        {%- elif kind == 'date' -%}
        'write a date as year-month-day' as mend
        {%- else -%}
        'write one of {{ kind | join(", ") }}' as mend
        {%- endif %}
    from {{ ref(seed) }}
    where
        {{ column }} is null
        {%- if kind == 'number' %}
        or {{ try_decimal(column) }} is null
        {%- elif kind == 'whole' %}
        or coalesce({{ try_decimal(column) }}, -1) < 0
        or {{ try_decimal(column) }} != floor({{ try_decimal(column) }})
        {%- elif kind == 'date' %}
        or {{ try_date(column) }} is null
        {%- elif kind is not string %}
        or {{ column }} not in ('{{ kind | join("', '") }}')
        {%- endif %}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select * from final
