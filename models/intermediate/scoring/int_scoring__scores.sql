-- Account × as_of_date × version: the score, which is the sum of its contributions, the score as it
-- would be if nobody had judged, and the raw band.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with contributions as (
    select * from {{ touched('int_scoring__contributions') }}
),

dimensions as (
    select * from {{ touched('int_scoring__dimensions') }}
),

caps as (
    select * from {{ touched('int_scoring__caps') }}
),

bands as (
    select * from {{ ref('stg_scorecard__bands') }}
),

coverage as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        max(coverage) as coverage,
        max(observed_dimensions) as observed_dimensions,
        max(is_scored) as is_scored,
        -- What is left for measured signals when the judgement that counts is taken out.
        1 - coalesce(
            sum(
                case
                    when is_judgement = 1 and is_held_observed = 1
                        then dimension_weight / held_dimension_weight
                end
            ),
            0
        ) as data_share
    from dimensions
    group by account_id, as_of_date, scorecard_id, scorecard_version
),

lowest_caps as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        min(max_score) as max_score,
        min(case when not is_judgement then max_score end) as data_max_score
    from caps
    group by account_id, as_of_date, scorecard_id, scorecard_version
),

sums as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        cast(sum(contribution) as decimal(9, 4)) as health_score,
        sum(case when contribution_kind = 'signal' then held_contribution end) as signal_total,
        coalesce(
            sum(case when contribution_kind = 'point_rule' then contribution end), 0
        ) as rule_total
    from contributions
    group by account_id, as_of_date, scorecard_id, scorecard_version, status
),

data_totals as (
    select
        sums.account_id,
        sums.as_of_date,
        sums.scorecard_id,
        sums.scorecard_version,
        sums.status,
        sums.health_score,
        {{ to_decimal(as_double('sums.signal_total') ~ ' / coverage.data_share', 9, 4) }}
        + sums.rule_total as data_total,
        case when coverage.is_scored = 0 then 'insufficient_data' end as score_reason,
        coverage.coverage,
        coverage.observed_dimensions,
        lowest_caps.max_score,
        lowest_caps.data_max_score
    from sums
    inner join coverage
        on sums.account_id = coverage.account_id
        and sums.as_of_date = coverage.as_of_date
        and sums.scorecard_id = coverage.scorecard_id
        and sums.scorecard_version = coverage.scorecard_version
    left join lowest_caps
        on sums.account_id = lowest_caps.account_id
        and sums.as_of_date = lowest_caps.as_of_date
        and sums.scorecard_id = lowest_caps.scorecard_id
        and sums.scorecard_version = lowest_caps.scorecard_version
),

scores as (
    select
        *,
        case
            when data_total is not null
                then
                    cast(
                        least(greatest(data_total, 0), coalesce(data_max_score, 100))
                        as decimal(9, 4)
                    )
        end as data_score
    from data_totals
),

final as (
    select
        scores.account_id,
        scores.as_of_date,
        scores.scorecard_id,
        scores.scorecard_version,
        scores.status,
        scores.data_score,
        scores.health_score,
        scores.score_reason,
        scores.coverage,
        scores.observed_dimensions,
        scores.max_score,
        scores.data_max_score,
        coalesce(bands.band_id, 'unknown') as raw_band,
        bands.band_rank
    from scores
    left join bands
        on scores.scorecard_id = bands.scorecard_id
        and scores.scorecard_version = bands.scorecard_version
        and scores.health_score >= bands.lower_bound
        and (scores.health_score < bands.upper_bound or bands.is_top_band)
)

select * from final
