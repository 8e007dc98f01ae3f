-- Raw table × day on which its rows became known × what became of them; together they are all raw
-- rows. A row is known from its load, or where loads are not dated from its own date. Usage events
-- were counted by day before, so that they are not read again.
with final as (
    {% for source_name, table_name, date_column in contract_tables()
        if table_name != 'usage_events' -%}
    select
        '{{ table_name }}' as source_id,
        cast(coalesce(loaded_at, {{ date_column }}) as date) as known_on,
        reject_reason,
        row_fate,
        count(*) as row_count,
        max(loaded_at) as last_loaded_at
    from {{ ref('base_' ~ source_name ~ '__' ~ table_name) }}
    group by
        cast(coalesce(loaded_at, {{ date_column }}) as date),
        reject_reason,
        row_fate
    union all
    {% endfor -%}
    select
        'usage_events' as source_id,
        coalesce(loaded_on, activity_date) as known_on,
        reject_reason,
        row_fate,
        cast(sum(row_count) as bigint) as row_count,
        max(last_loaded_at) as last_loaded_at
    from {{ ref('base_product__usage_event_days') }}
    group by coalesce(loaded_on, activity_date), reject_reason, row_fate
)

select * from final
