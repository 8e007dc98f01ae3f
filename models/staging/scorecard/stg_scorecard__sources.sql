-- depends_on: {{ ref('stg_scorecard__errors') }}

with sources as (
    select * from {{ ref('sources') }}
),

final as (
    select
        source_id,
        table_name,
        cast({{ try_decimal('late_after_days') }} as integer) as late_after_days,
        {{ as_double(try_decimal('late_after_rows')) }} as late_after_rows,
        cast({{ try_decimal('rate_window_days') }} as integer) as rate_window_days,
        {{ as_double(try_decimal('max_late_share')) }} as max_late_share,
        table_name in ('none'{% for table in health_sources() %}, '{{ table }}'{% endfor %}) as is_on
    from sources
)

select * from final
