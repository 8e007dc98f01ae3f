-- depends_on: {{ ref('stg_scorecard__errors') }}

with unit_checks as (
    select * from {{ ref('unit_checks') }}
),

final as (
    select
        check_id,
        {{ try_decimal('position') }} as position,
        source_id,
        column_name,
        kind,
        side,
        {{ try_decimal('threshold') }} as threshold,
        operator,
        {{ try_decimal('share') }} as share,
        {{ try_decimal('min_rows') }} as min_rows,
        looks_like
    from unit_checks
)

select * from final
