-- depends_on: {{ ref('stg_scorecard__errors') }}

with segments as (
    select * from {{ ref('segments') }}
),

final as (
    select
        segment_id,
        {{ try_integer('priority') }} as priority,
        attribute,
        operator,
        lower(value) as value,
        case when operator in ('at_least', 'below') then {{ try_decimal('value') }} end as bound,
        scorecard_id,
        {{ try_date('valid_from') }} as valid_from,
        {{ try_date('valid_to') }} as valid_to
    from segments
)

select * from final
