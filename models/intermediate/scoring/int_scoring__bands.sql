-- Account × as_of_date × version: the stable band. Every edge between two bands has a side of its
-- own. The side follows the score at once when the score is past the edge by the margin, or on the
-- first scored day, and otherwise when the score has been on the other side for hold_days. The band
-- is the number of edges the account is above. Only window functions, so that any day replays
-- identically.
with scores as (
    select
        *,
        -- Versions that follow each other are one series; every shadow is one of its own, and
        -- so is each scorecard of readiness to grow.
        case
            when status = 'live' then 'live'
            when status = 'expansion' then scorecard_id || '/expansion'
            else scorecard_id || '/' || cast(scorecard_version as {{ dbt.type_string() }})
        end as series
    from {{ ref('int_scoring__scores') }}
),

account_dates as (
    select
        account_id,
        as_of_date,
        spell_number
    from {{ ref('int_accounts__as_of') }}
),

scorecards as (
    select * from {{ ref('stg_scorecard__scorecards') }}
),

bands as (
    select * from {{ ref('stg_scorecard__bands') }}
),

edges as (
    select
        scores.account_id,
        scores.as_of_date,
        scores.series,
        account_dates.spell_number,
        bands.band_rank,
        scorecards.hold_days,
        scores.health_score,
        case when scores.health_score >= bands.lower_bound then 1 else 0 end as side,
        case
            when scores.health_score >= bands.lower_bound + scorecards.margin then 1
            when scores.health_score <= bands.lower_bound - scorecards.margin then 1
            else 0
        end as is_clear,
        lag(scores.health_score) over (
            partition by
                scores.account_id, scores.series, account_dates.spell_number, bands.band_rank
            order by scores.as_of_date
        ) as previous_score,
        lag(case when scores.health_score >= bands.lower_bound then 1 else 0 end) over (
            partition by
                scores.account_id, scores.series, account_dates.spell_number, bands.band_rank
            order by scores.as_of_date
        ) as previous_side
    from scores
    inner join account_dates
        on scores.account_id = account_dates.account_id
        and scores.as_of_date = account_dates.as_of_date
    inner join scorecards
        on scores.scorecard_id = scorecards.scorecard_id
        and scores.scorecard_version = scorecards.scorecard_version
    inner join bands
        on scores.scorecard_id = bands.scorecard_id
        and scores.scorecard_version = bands.scorecard_version
        and bands.band_rank > 1
),

runs as (
    select
        *,
        max(
            case
                when previous_score is null or previous_side != side then as_of_date
            end
        ) over (
            partition by account_id, series, spell_number, band_rank
            order by as_of_date
        ) as run_starts_on
    from edges
),

settled as (
    select
        *,
        case
            when health_score is null then 0
            when previous_score is null then 1
            when is_clear = 1 then 1
            when {{ days_between('run_starts_on', 'as_of_date') }} + 1 >= hold_days then 1
            else 0
        end as is_settled
    from runs
),

grouped as (
    select
        *,
        sum(is_settled) over (
            partition by account_id, series, spell_number, band_rank
            order by as_of_date
        ) as settled_group
    from settled
),

sides as (
    select
        account_id,
        as_of_date,
        series,
        max(case when is_settled = 1 then side end) over (
            partition by account_id, series, spell_number, band_rank, settled_group
        ) as stable_side
    from grouped
),

ranks as (
    select
        account_id,
        as_of_date,
        series,
        1 + sum(stable_side) as band_rank
    from sides
    group by account_id, as_of_date, series
),

banded as (
    select
        scores.account_id,
        scores.as_of_date,
        scores.series,
        scores.scorecard_id,
        scores.scorecard_version,
        scores.status,
        scores.raw_band,
        case
            when scores.health_score is null then 'unknown'
            else bands.band_id
        end as band,
        case when scores.health_score is not null then bands.band_rank end as band_rank,
        case when scores.health_score is not null then bands.is_top_band end as is_best_band
    from scores
    left join ranks
        on scores.account_id = ranks.account_id
        and scores.as_of_date = ranks.as_of_date
        and scores.series = ranks.series
    left join bands
        on scores.scorecard_id = bands.scorecard_id
        and scores.scorecard_version = bands.scorecard_version
        and coalesce(ranks.band_rank, 1) = bands.band_rank
),

changes as (
    select
        banded.*,
        account_dates.spell_number,
        lag(banded.band) over (
            partition by banded.account_id, banded.series, account_dates.spell_number
            order by banded.as_of_date
        ) as previous_band
    from banded
    inner join account_dates
        on banded.account_id = account_dates.account_id
        and banded.as_of_date = account_dates.as_of_date
),

final as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        status,
        raw_band,
        band,
        band_rank,
        is_best_band,
        max(case when previous_band is null or previous_band != band then as_of_date end) over (
            partition by account_id, series, spell_number
            order by as_of_date
        ) as band_since
    from changes
)

select * from final
