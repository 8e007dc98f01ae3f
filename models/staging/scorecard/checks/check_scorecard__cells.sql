-- Every cell of every scorecard seed spells what it must: nothing left blank, numbers where numbers
-- belong, no blanks beside a word, which would be another word, and no apostrophes, which not every
-- engine can load.
with expected (seed, column_name, kind, words) as (
    values
    {%- for seed, column, kind, words in scorecard_cells() %}
    ('{{ seed }}', '{{ column }}', '{{ kind }}', '{{ words }}'){{ ',' if not loop.last }}
    {%- endfor %}
),

cells as (
    {% for seed, shape in scorecard_seeds().items() -%}
    select
        expected.seed,
        {{ row_key(shape.key, 'owner') }} as row_key,
        expected.column_name,
        expected.kind,
        expected.words,
        case expected.column_name
            {%- for column in (shape.key + shape.cells | list) | unique %}
            when '{{ column }}' then owner.{{ column }}
            {%- endfor %}
        end as cell
    from {{ ref(seed) }} as owner
    inner join expected on expected.seed = '{{ seed }}'
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
        or cell != trim(cell)
        or cell like '%''%'
        or (kind = 'lower' and cell != lower(cell))
        or (kind = 'name' and cell = 'none')
        or (kind = 'number' and {{ try_decimal('cell') }} is null)
        or (kind = 'coefficient' and {{ try_double('cell') }} is null)
        or (kind = 'whole' and {{ try_integer('cell') }} is null)
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
        case
            when cell != trim(cell) then 'take the blanks at its ends away'
            when cell like '%''%' then 'leave the apostrophe out'
            when kind = 'text' then 'fill it; the word none stands for nothing'
            when kind = 'name' then 'give it a name; the word none stands for nothing'
            when kind = 'lower' then 'write it in small letters'
            when kind = 'number' then 'write a number such as 12.5, of at most 6 decimals'
            when kind = 'coefficient' then 'write a number such as 0.000125, of at most 20 decimals'
            when kind = 'whole' then 'write a whole number from 0'
            when kind = 'date' then 'write a date as year-month-day'
            else 'write one of ' || words
        end as mend
    from misspelled
)

select * from final
