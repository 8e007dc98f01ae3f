-- Account × as_of_date × version: the score, which is the sum of its contributions, and its raw
-- band.
with contributions as (
    select * from {{ ref('int_scoring__contributions') }}
),

dimensions as (
    select * from {{ ref('int_scoring__dimensions') }}
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
        max(is_scored) as is_scored
    from dimensions
    group by account_id, as_of_date, scorecard_id, scorecard_version
),

scores as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        -- What a person decided is left out of the data score.
        cast(
            sum(
                case
                    when contribution_kind in ('signal', 'point_rule', 'clamp') then contribution
                end
            )
            as decimal(9, 4)
        ) as data_score,
        cast(sum(contribution) as decimal(9, 4)) as health_score
    from contributions
    group by account_id, as_of_date, scorecard_id, scorecard_version, status
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
        case when coverage.is_scored = 0 then 'insufficient_data' end as score_reason,
        coverage.coverage,
        coverage.observed_dimensions,
        coalesce(bands.band_id, 'unknown') as raw_band,
        bands.band_rank
    from scores
    inner join coverage
        on scores.account_id = coverage.account_id
        and scores.as_of_date = coverage.as_of_date
        and scores.scorecard_id = coverage.scorecard_id
        and scores.scorecard_version = coverage.scorecard_version
    left join bands
        on scores.scorecard_id = bands.scorecard_id
        and scores.scorecard_version = bands.scorecard_version
        and scores.health_score >= bands.lower_bound
        and (scores.health_score < bands.upper_bound or bands.is_top_band)
)

select * from final
