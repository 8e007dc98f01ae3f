-- Rows that belong to no version and hold from a day on, as text: what a release records and what
-- may not change after it.
{%- set seeds = scorecard_seeds() %}

with final as (
    {% for seed, dated in dated_seeds().items() -%}
    {%- set shape = seeds[seed] -%}
    select
        '{{ seed }}' as seed,
        {{ row_key(shape.key) }} as row_key,
        {{ dated.key }} as dated_key,
        valid_from,
        {{ row_key(shape.cells | reject('in', shape.key + dated.words) | list) }} as content
    from {{ ref(seed) }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select * from final
