-- depends_on: {{ ref('stg_scorecard__errors') }}

-- The groups of a kind that begin on one day hold together, until the kind has rows of a later day.
with survey_groups as (
    select * from {{ ref('survey_groups') }}
),

typed as (
    select
        kind,
        {{ try_date('valid_from') }} as valid_from,
        group_id,
        {{ try_decimal('lowest_score') }} as lowest_score,
        {{ try_decimal('points') }} as points
    from survey_groups
),

first_days as (
    select
        kind,
        valid_from
    from typed
    group by kind, valid_from
),

stretches as (
    select
        kind,
        valid_from,
        {{ holds_until('kind', 'valid_from') }} as valid_to
    from first_days
),

final as (
    select
        typed.kind,
        typed.valid_from,
        stretches.valid_to,
        typed.group_id,
        typed.lowest_score,
        lead(typed.lowest_score) over (
            partition by typed.kind, typed.valid_from
            order by typed.lowest_score
        ) as next_lowest_score,
        typed.points
    from typed
    inner join stretches
        on typed.kind = stretches.kind
        and typed.valid_from = stretches.valid_from
)

select * from final
