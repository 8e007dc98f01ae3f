-- Account × as_of_date × version: the stable band, of the score and of the score without judgement.
-- Every edge between two bands has a side of its own. The side follows the score at once when the
-- score is past the edge by the margin, when a risk cap lies below the edge, or on the first scored
-- day, and otherwise when the score has been on the other side for hold_days. The band is the
-- number of edges the account is above. Only window functions, so that any day replays identically.
-- A day on which the score is on the stable side of every edge forgets the days before it, so that
-- a run goes back no further than that.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with all_scores as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        health_score,
        data_score,
        max_score,
        data_max_score,
        -- Versions that follow each other are one series; every shadow is one of its own, and
        -- so is each scorecard of readiness to grow.
        case
            when status = 'live' then 'live'
            when status = 'expansion' then scorecard_id || '/expansion'
            else scorecard_id || '/' || cast(scorecard_version as {{ dbt.type_string() }})
        end as version_series
    from {{ ref('int_scoring__scores') }}
),

{% if is_incremental() -%}
first_days as (
    select
        account_id,
        min(as_of_date) as first_day
    from {{ ref('int_changes__touched_dates') }}
    group by account_id
),

restart_days as (
    select
        stored.account_id,
        stored.version_series,
        max(stored.as_of_date) as restart_day
    from {{ this }} as stored
    inner join first_days
        on stored.account_id = first_days.account_id
        and stored.as_of_date < first_days.first_day
    where stored.is_restart
    group by stored.account_id, stored.version_series
),

restarts as (
    select
        restart_days.account_id,
        restart_days.version_series,
        restart_days.restart_day,
        stored.band_since
    from restart_days
    inner join {{ this }} as stored
        on restart_days.account_id = stored.account_id
        and restart_days.version_series = stored.version_series
        and restart_days.restart_day = stored.as_of_date
),

{% endif -%}
scores as (
    select all_scores.*
    from all_scores
    {%- if is_incremental() %}
    inner join first_days on all_scores.account_id = first_days.account_id
    left join restarts
        on all_scores.account_id = restarts.account_id
        and all_scores.version_series = restarts.version_series
    where all_scores.as_of_date >= coalesce(restarts.restart_day, cast('1900-01-01' as date))
    {%- endif %}
),

-- The bands of a day rest on the days before it.
scores_asked_for as (
    select * from {{ touched('int_scoring__scores') }}
),

kinds as (
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        'health' as score_kind,
        version_series,
        version_series || ' health' as series,
        health_score as score,
        max_score
    from scores
    union all
    select
        account_id,
        as_of_date,
        scorecard_id,
        scorecard_version,
        'data' as score_kind,
        version_series,
        version_series || ' data' as series,
        data_score as score,
        data_max_score as max_score
    from scores
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

-- A scorecard with fewer bands says nothing of the edges that it does not have.
most_edges as (
    select max(band_rank) - 1 as edges from bands
),

edges as (
    select
        kinds.account_id,
        kinds.as_of_date,
        kinds.series,
        account_dates.spell_number,
        bands.band_rank,
        scorecards.hold_days,
        kinds.score,
        case when kinds.score >= bands.lower_bound then 1 else 0 end as side,
        case
            when kinds.max_score < bands.lower_bound then 1
            when kinds.score >= bands.lower_bound + scorecards.margin then 1
            when kinds.score <= bands.lower_bound - scorecards.margin then 1
            else 0
        end as is_clear,
        lag(kinds.score) over (
            partition by
                kinds.account_id, kinds.series, account_dates.spell_number, bands.band_rank
            order by kinds.as_of_date
        ) as previous_score,
        lag(case when kinds.score >= bands.lower_bound then 1 else 0 end) over (
            partition by
                kinds.account_id, kinds.series, account_dates.spell_number, bands.band_rank
            order by kinds.as_of_date
        ) as previous_side
    from kinds
    inner join account_dates
        on kinds.account_id = account_dates.account_id
        and kinds.as_of_date = account_dates.as_of_date
    inner join scorecards
        on kinds.scorecard_id = scorecards.scorecard_id
        and kinds.scorecard_version = scorecards.scorecard_version
    inner join bands
        on kinds.scorecard_id = bands.scorecard_id
        and kinds.scorecard_version = bands.scorecard_version
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
            when score is null then 0
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
        side,
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
        1 + sum(stable_side) as band_rank,
        sum(case when stable_side = side then 1 else 0 end) as settled_edges
    from sides
    group by account_id, as_of_date, series
),

banded as (
    select
        kinds.account_id,
        kinds.as_of_date,
        kinds.scorecard_id,
        kinds.scorecard_version,
        kinds.score_kind,
        kinds.version_series,
        kinds.series,
        kinds.score is null or ranks.settled_edges = most_edges.edges as is_restart,
        case
            when kinds.score is null then 'unknown'
            else bands.band_id
        end as band,
        case when kinds.score is not null then bands.band_rank end as band_rank,
        case when kinds.score is not null then bands.is_top_band end as is_best_band
    from kinds
    cross join most_edges
    left join ranks
        on kinds.account_id = ranks.account_id
        and kinds.as_of_date = ranks.as_of_date
        and kinds.series = ranks.series
    left join bands
        on kinds.scorecard_id = bands.scorecard_id
        and kinds.scorecard_version = bands.scorecard_version
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

since as (
    select
        *,
        max(case when previous_band is null or previous_band != band then as_of_date end) over (
            partition by account_id, series, spell_number
            order by as_of_date
        ) as band_since
    from changes
),

final as (
    select
        scores.account_id,
        scores.as_of_date,
        scores.scorecard_id,
        scores.scorecard_version,
        scores.status,
        scores.raw_band,
        health.band,
        health.band_rank,
        health.is_best_band,
        {% if is_incremental() -%}
        case
            when health.band_since = restarts.restart_day then restarts.band_since
            else health.band_since
        end as band_since,
        {%- else -%}
        health.band_since,
        {%- endif %}
        data_bands.band as data_band,
        health.version_series,
        coalesce(health.is_restart and data_bands.is_restart, false) as is_restart
    from scores_asked_for as scores
    inner join since as health
        on scores.account_id = health.account_id
        and scores.as_of_date = health.as_of_date
        and scores.scorecard_id = health.scorecard_id
        and scores.scorecard_version = health.scorecard_version
        and health.score_kind = 'health'
    inner join since as data_bands
        on scores.account_id = data_bands.account_id
        and scores.as_of_date = data_bands.as_of_date
        and scores.scorecard_id = data_bands.scorecard_id
        and scores.scorecard_version = data_bands.scorecard_version
        and data_bands.score_kind = 'data'
    {%- if is_incremental() %}
    left join restarts
        on health.account_id = restarts.account_id
        and health.version_series = restarts.version_series
    {%- endif %}
)

select * from final
