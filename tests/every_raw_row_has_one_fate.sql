-- Nothing is lost: what is staged, rejected, a duplicate or in conflict is every raw row, table by
-- table, and the last day of source_health knows of all of them. Where no day is scored there is no
-- such day, which the summary of the build explains.

with counted as (
    {% for source_name, table_name, date_column in contract_tables() -%}
    select
        '{{ table_name }}' as source_id,
        (select count(*) from ({{ raw_rows(source_name, table_name) }}) as raw_rows) as rows_raw,
        (select count(*) from {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}) as rows_staged,
        (select count(*) from {{ ref(table_name ~ '_rejects') }}) as rows_rejected,
        (select count(*) from {{ ref(table_name ~ '_conflicts') }}) as rows_conflict
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

source_health as (
    select * from {{ ref('source_health') }}
),

last_date as (
    select max(as_of_date) as as_of_date from source_health
),

last_day as (
    select source_health.*
    from source_health
    inner join last_date on source_health.as_of_date = last_date.as_of_date
)

select
    counted.source_id,
    counted.rows_raw,
    counted.rows_staged,
    counted.rows_rejected,
    counted.rows_conflict,
    last_day.rows_raw as rows_raw_in_mart,
    last_day.rows_duplicate
from counted
cross join last_date
left join last_day on counted.source_id = last_day.source_id
where
    (last_date.as_of_date is not null and last_day.source_id is null)
    or counted.rows_raw != last_day.rows_raw
    or counted.rows_staged != last_day.rows_staged
    or counted.rows_rejected != last_day.rows_rejected
    or counted.rows_conflict != last_day.rows_conflict
    or counted.rows_raw != counted.rows_staged + counted.rows_rejected + counted.rows_conflict
    + last_day.rows_duplicate
