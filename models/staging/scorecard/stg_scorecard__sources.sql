-- depends_on: {{ ref('stg_scorecard__errors') }}

with sources as (
    select * from {{ ref('sources') }}
),

final as (
    select
        source_id,
        {{ try_date('valid_from') }} as valid_from,
        {{ holds_until('source_id') }} as valid_to,
        table_name,
        {{ try_integer('late_after_days') }} as late_after_days,
        {{ as_double(try_decimal('late_after_rows')) }} as late_after_rows,
        {{ try_integer('rate_window_days') }} as rate_window_days,
        {{ as_double(try_decimal('max_late_share')) }} as max_late_share,
        {{ try_decimal('usual_gap_share') }} as usual_gap_share,
        {{ try_decimal('gap_tolerance') }} as gap_tolerance,
        table_name in ('{{ (['none'] + health_sources()) | join("', '") }}') as is_on
    from sources
)

select * from final
