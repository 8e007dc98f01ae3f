-- depends_on: {{ ref('stg_scorecard__errors') }}

with survey_groups as (
    select * from {{ ref('survey_groups') }}
),

typed as (
    select
        kind,
        group_id,
        {{ try_decimal('lowest_score') }} as lowest_score,
        {{ try_decimal('points') }} as points
    from survey_groups
),

final as (
    select
        kind,
        group_id,
        lowest_score,
        lead(lowest_score) over (
            partition by kind
            order by lowest_score
        ) as next_lowest_score,
        points
    from typed
)

select * from final
