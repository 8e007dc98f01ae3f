-- Raw tables of which more rows are rejected than used: the mapping is wrong, not a stray row. The
-- examples are the reasons.
with row_counts as (
    select * from {{ ref('int_activity__row_counts') }}
),

mostly_rejected as (
    select source_id
    from row_counts
    group by source_id
    having
        sum(case when reject_reason is not null then row_count else 0 end)
        > sum(case when reject_reason is null then row_count else 0 end)
),

things as (
    select
        'most_rows_rejected' as finding_id,
        row_counts.source_id,
        row_counts.row_count,
        cast(null as {{ dbt.type_string() }}) as account_id,
        row_counts.reject_reason as example
    from row_counts
    inner join mostly_rejected on row_counts.source_id = mostly_rejected.source_id
    where row_counts.reject_reason is not null
),

final as (
    {{ findings_of('things') }}
)

select * from final
