-- depends_on: {{ ref('stg_scorecard__errors') }}

with answer_limits as (
    select * from {{ ref('answer_limits') }}
),

final as (
    select
        signal_id,
        {{ try_decimal('min_answers') }} as min_answers,
        {{ try_decimal('min_answers_per_seat') }} as min_answers_per_seat,
        {{ try_decimal('min_freshness') }} as min_freshness,
        {{ try_decimal('max_thin_share') }} as max_thin_share
    from answer_limits
)

select * from final
