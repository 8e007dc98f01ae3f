-- No two rows of a seed share its key.
{%- set seeds = scorecard_seeds() %}

with final as (
    {% for seed, shape in seeds.items() -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(shape.key) }} as row_key,
        'the row stands ' || cast(count(*) as {{ dbt.type_string() }}) || ' times' as problem,
        'keep one' as mend
    from {{ ref(seed) }}
    group by {{ shape.key | join(', ') }}
    having count(*) > 1
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select * from final
