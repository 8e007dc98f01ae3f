-- Raw table × day on which its rows became known × what became of them; together they are all raw
-- rows. A row is known from its load, or where loads are not dated from its own date.
with final as (
    {% for source_name, table_name, date_column in contract_tables() -%}
    select
        '{{ table_name }}' as source_id,
        cast(coalesce(loaded_at, {{ date_column }}) as date) as known_on,
        reject_reason,
        case when reject_reason is null and duplicate_rank > 1 then 1 else 0 end as is_duplicate,
        count(*) as row_count,
        max(loaded_at) as last_loaded_at
    from {{ ref('base_' ~ source_name ~ '__' ~ table_name) }}
    group by
        cast(coalesce(loaded_at, {{ date_column }}) as date),
        reject_reason,
        case when reject_reason is null and duplicate_rank > 1 then 1 else 0 end
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select * from final
