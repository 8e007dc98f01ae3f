{#-
    Columns whose values look as if they were in another unit or on another scale, by the seed
    unit_checks; of several checks that hold for a column the first. `amounts` has a row per value:
    source_id, column_name, kind and amount.
-#}
{% macro other_units(amounts) -%}
    select
        source_id,
        column_name,
        kind,
        looks_like,
        row_count
    from (
        select
            *,
            row_number() over (
                partition by source_id, column_name, kind
                order by position, check_id
            ) as turn
        from (
            select
                checks.check_id,
                checks.position,
                checks.source_id,
                checks.column_name,
                checks.kind,
                checks.operator,
                checks.share,
                checks.min_rows,
                checks.looks_like,
                count(*) as row_count,
                sum(
                    case
                        when checks.side = 'above' and amounts.amount > checks.threshold then 1
                        when checks.side = 'below' and amounts.amount < checks.threshold then 1
                        else 0
                    end
                ) as rows_beyond
            from {{ amounts }} as amounts
            inner join {{ ref('stg_scorecard__unit_checks') }} as checks
                on amounts.source_id = checks.source_id
                and amounts.column_name = checks.column_name
                and amounts.kind = checks.kind
            where amounts.amount is not null
            group by
                checks.check_id,
                checks.position,
                checks.source_id,
                checks.column_name,
                checks.kind,
                checks.operator,
                checks.share,
                checks.min_rows,
                checks.looks_like
        ) as counted
        where
            row_count >= min_rows
            and {{ meets('rows_beyond', 'operator', 'share * row_count') }}
    ) as found
    where turn = 1
{%- endmacro %}
