-- Every cell of every scorecard seed spells what it must: no blanks, numbers where numbers belong.
with cells as (
    {% for seed, key, column, kind, words in scorecard_cells() -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(key) }} as row_key,
        '{{ column }}' as column_name,
        {{ column }} as cell,
        '{{ kind }}' as kind,
        '{{ words }}' as words
    from {{ ref(seed) }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

-- A comma in the cell itself would let two words pass for one.
misspelled as (
    select * from cells
    where
        cell is null
        or (kind = 'number' and {{ try_decimal('cell') }} is null)
        or (kind = 'whole' and coalesce({{ try_decimal('cell') }}, -1) < 0)
        or (kind = 'whole' and {{ try_decimal('cell') }} != floor({{ try_decimal('cell') }}))
        or (kind = 'date' and {{ try_date('cell') }} is null)
        or (kind = 'word' and cell like '%,%')
        or (
            kind = 'word'
            and {{ dbt.position("', ' || cell || ', '", "', ' || words || ', '") }} = 0
        )
),

final as (
    select
        seed,
        row_key,
        column_name || ' is ' || coalesce('"' || cell || '"', 'blank') as problem,
        case kind
            when 'text' then 'fill it; the word none stands for nothing'
            when 'number' then 'write a number such as 12.5'
            when 'whole' then 'write a whole number from 0'
            when 'date' then 'write a date as year-month-day'
            else 'write one of ' || words
        end as mend
    from misspelled
)

select * from final
