-- depends_on: {{ ref('stg_scorecard__errors') }}

with scorecards as (
    select * from {{ ref('scorecards') }}
),

final as (
    select
        scorecard_id,
        {{ try_integer('scorecard_version') }} as scorecard_version,
        {{ try_date('valid_from') }} as valid_from,
        -- A version in force holds until the next of its status begins.
        {{ add_days(
            "lead(" ~ try_date('valid_from') ~ ", 1, cast('9999-12-31' as date)) over ("
            "partition by scorecard_id, status order by " ~ try_date('valid_from') ~ ")",
            -1
        ) }} as valid_to,
        status,
        {{ as_double(try_decimal('min_coverage')) }} as min_coverage,
        {{ as_double(try_decimal('min_dimension_coverage')) }} as min_dimension_coverage,
        {{ try_integer('min_dimensions') }} as min_dimensions,
        {{ try_integer('hold_days') }} as hold_days,
        cast({{ try_decimal('margin') }} as decimal(9, 4)) as margin
    from scorecards
)

select * from final
