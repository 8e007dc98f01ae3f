-- Raw rows that share their key and disagree, by what was done: a later load decided, no row is
-- used, one is used without the columns that disagree, or one is used. The examples are accounts;
-- where the table has none, what its key names.
{%- set named_by = {
    'products': 'product_id', 'product_features': 'product_id', 'exchange_rates': 'currency',
    'calendar_days': 'region'
} %}

with conflicts as (
    {% for source_name, table_name, date_column in contract_tables() -%}
    select
        '{{ table_name }}' as source_id,
        conflict_reason,
        {% if table_name in named_by -%}
        cast(null as {{ dbt.type_string() }}) as account_id,
        {{ named_by[table_name] }} as example
        {%- else -%}
        account_id,
        account_id as example
        {%- endif %}
    from {{ ref(table_name ~ '_conflicts') }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

things as (
    -- Later loads are there to correct: one line for all tables, whose names are the examples.
    select
        'rows_superseded' as finding_id,
        'all' as source_id,
        1 as row_count,
        account_id,
        source_id as example
    from conflicts
    where conflict_reason = 'superseded'
    {%- for conflict_reason, finding_id in [
        ('refused', "'rows_refused' as finding_id"),
        ('in_part', "'rows_used_in_part' as finding_id"),
        ('one_kept', "'rows_one_kept' as finding_id"),
    ] %}
    union all
    select
        {{ finding_id }},
        source_id,
        1 as row_count,
        account_id,
        example
    from conflicts
    where conflict_reason = '{{ conflict_reason }}'
    {%- endfor %}
),

final as (
    {{ findings_of('things') }}
)

select * from final
