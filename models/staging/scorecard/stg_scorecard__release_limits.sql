-- depends_on: {{ ref('stg_scorecard__errors') }}

with release_limits as (
    select * from {{ ref('release_limits') }}
),

final as (
    select
        limit_id,
        {{ as_double(try_decimal('value')) }} as value,
        unit
    from release_limits
)

select * from final
