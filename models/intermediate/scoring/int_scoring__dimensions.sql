-- Account × as_of_date × version × dimension: what of it was observed, its share of the score, and
-- whether the account's whole is enough for a score: of what can be measured, so that a judgement
-- alone never makes one. What is held_ counts signals whose source is late as if it were not.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with points as (
    select * from {{ touched('int_scoring__points') }}
),

versions as (
    select * from {{ touched('int_scoring__versions') }}
),

weighed as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        dimension_id,
        max({{ as_double('dimension_weight') }}) as dimension_weight,
        max(case when is_judgement then 1 else 0 end) as is_judgement,
        sum(observed_weight) as observed_weight,
        sum(observed_weight * points) as weighed_points,
        sum(held_weight) as held_weight,
        sum(case when state = 'not_applicable' then 0 else row_weight end) as applicable_weight
    from points
    group by
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        dimension_id
),

observed as (
    select
        weighed.*,
        versions.min_coverage,
        versions.min_dimensions,
        case
            when
                weighed.observed_weight > 0
                and {{ without_noise('weighed.observed_weight / weighed.applicable_weight') }}
                >= {{ without_noise('versions.min_dimension_coverage') }}
                then 1
            else 0
        end as is_observed,
        case
            when
                weighed.held_weight > 0
                and {{ without_noise('weighed.held_weight / weighed.applicable_weight') }}
                >= {{ without_noise('versions.min_dimension_coverage') }}
                then 1
            else 0
        end as is_held_observed
    from weighed
    inner join versions
        on weighed.account_id = versions.account_id
        and weighed.as_of_date = versions.as_of_date
        and weighed.scorecard_id = versions.scorecard_id
        and weighed.scorecard_version = versions.scorecard_version
),

-- Summed and joined again: a window over as many rows sorts them, and holds all of them.
totals as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        sum(case when is_observed = 1 then dimension_weight else 0 end)
            as observed_dimension_weight,
        sum(case when is_held_observed = 1 then dimension_weight else 0 end)
            as held_dimension_weight,
        sum(case when is_observed = 1 then dimension_weight * weighed_points / observed_weight end)
            as weighed_points,
        max(case when held_weight != observed_weight then 1 else 0 end) as is_dark,
        sum(is_observed * (1 - is_judgement)) as observed_dimensions,
        sum(dimension_weight * observed_weight * (1 - is_judgement)) as total_observed_weight,
        sum(dimension_weight * applicable_weight * (1 - is_judgement)) as total_applicable_weight
    from observed
    group by account_id, as_of_date, scorecard_id, scorecard_version
),

shared as (
    select
        *,
        case
            when total_applicable_weight > 0 then total_observed_weight / total_applicable_weight
            else 0
        end as coverage,
        weighed_points / nullif(observed_dimension_weight, 0) as mean_points
    from totals
),

final as (
    select
        observed.account_id,
        observed.as_of_date,
        observed.scorecard_id,
        observed.scorecard_version,
        observed.dimension_id,
        observed.dimension_weight,
        observed.is_judgement,
        observed.observed_weight,
        observed.held_weight,
        observed.applicable_weight,
        observed.is_observed,
        observed.is_held_observed,
        shared.observed_dimension_weight,
        shared.held_dimension_weight,
        shared.observed_dimensions,
        shared.coverage,
        case
            when
                {{ without_noise('shared.coverage') }}
                < {{ without_noise('observed.min_coverage') }}
                then 0
            when shared.observed_dimensions < observed.min_dimensions then 0
            else 1
        end as is_scored,
        -- A dark source, or points so near 0 or 100 that the roundings of contributions may carry
        -- their sum beyond.
        case
            when shared.is_dark = 1 then 1
            when shared.mean_points not between 1 and 99 then 1
            else 0
        end as may_be_limited
    from observed
    inner join shared
        on observed.account_id = shared.account_id
        and observed.as_of_date = shared.as_of_date
        and observed.scorecard_id = shared.scorecard_id
        and observed.scorecard_version = shared.scorecard_version
)

select * from final
