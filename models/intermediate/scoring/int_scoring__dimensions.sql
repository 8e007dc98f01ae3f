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

covered as (
    select
        *,
        sum(case when is_observed = 1 then dimension_weight else 0 end) over (
            partition by account_id, as_of_date, scorecard_id, scorecard_version
        ) as observed_dimension_weight,
        sum(case when is_held_observed = 1 then dimension_weight else 0 end) over (
            partition by account_id, as_of_date, scorecard_id, scorecard_version
        ) as held_dimension_weight,
        sum(is_observed * (1 - is_judgement)) over (
            partition by account_id, as_of_date, scorecard_id, scorecard_version
        ) as observed_dimensions,
        sum(dimension_weight * observed_weight * (1 - is_judgement)) over (
            partition by account_id, as_of_date, scorecard_id, scorecard_version
        ) as total_observed_weight,
        sum(dimension_weight * applicable_weight * (1 - is_judgement)) over (
            partition by account_id, as_of_date, scorecard_id, scorecard_version
        ) as total_applicable_weight
    from observed
),

shared as (
    select
        *,
        case
            when total_applicable_weight > 0 then total_observed_weight / total_applicable_weight
            else 0
        end as coverage
    from covered
),

final as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        dimension_id,
        dimension_weight,
        is_judgement,
        observed_weight,
        held_weight,
        applicable_weight,
        is_observed,
        is_held_observed,
        observed_dimension_weight,
        held_dimension_weight,
        observed_dimensions,
        coverage,
        case
            when {{ without_noise('coverage') }} < {{ without_noise('min_coverage') }} then 0
            when observed_dimensions < min_dimensions then 0
            else 1
        end as is_scored
    from shared
)

select * from final
