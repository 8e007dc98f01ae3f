-- Account × as_of_date × version: the stable band, of the score and of the score without judgement.
-- Every edge between two bands has a side of its own. The side follows the score at once when the
-- score is past the edge by the margin, when a risk cap lies below the edge, or on the first scored
-- day, and otherwise when the score has been on the other side for hold_days. The band is the
-- number of edges the account is above. Only window functions, so that any day replays identically,
-- and only over the edges that the score crosses: on every other edge the side never differs.
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

account_dates as (
    select
        account_id,
        as_of_date,
        spell_number
    from {{ ref('int_accounts__as_of') }}
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
    select
        all_scores.*,
        account_dates.spell_number
    from all_scores
    inner join account_dates
        on all_scores.account_id = account_dates.account_id
        and all_scores.as_of_date = account_dates.as_of_date
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

scorecards as (
    select * from {{ ref('stg_scorecard__scorecards') }}
),

bands as (
    select * from {{ ref('stg_scorecard__bands') }}
),

-- Everywhere else the score without judgement is the score, and so are its bands.
judged_series as (
    select
        account_id,
        version_series
    from scores
    where
        coalesce(health_score, -1) != coalesce(data_score, -1)
        or coalesce(max_score, 101) != coalesce(data_max_score, 101)
    group by account_id, version_series
),

kinds as (
    select
        account_id,
        as_of_date,
        spell_number,
        scorecard_id,
        scorecard_version,
        'health' as score_kind,
        version_series,
        health_score as score,
        max_score
    from scores
    union all
    select
        scores.account_id,
        scores.as_of_date,
        scores.spell_number,
        scores.scorecard_id,
        scores.scorecard_version,
        'data' as score_kind,
        scores.version_series,
        scores.data_score as score,
        scores.data_max_score as max_score
    from scores
    inner join judged_series
        on scores.account_id = judged_series.account_id
        and scores.version_series = judged_series.version_series
),

placed as (
    select
        kinds.*,
        bands.band_rank as raw_rank
    from kinds
    left join bands
        on kinds.scorecard_id = bands.scorecard_id
        and kinds.scorecard_version = bands.scorecard_version
        and kinds.score >= bands.lower_bound
        and (kinds.score < bands.upper_bound or bands.is_top_band)
),

spans as (
    select
        account_id,
        version_series,
        score_kind,
        spell_number,
        min(raw_rank) as lowest_rank,
        max(raw_rank) as highest_rank
    from placed
    group by account_id, version_series, score_kind, spell_number
),

edges as (
    select
        placed.account_id,
        placed.as_of_date,
        placed.version_series,
        placed.score_kind,
        placed.spell_number,
        bands.band_rank,
        scorecards.hold_days,
        placed.score,
        case when placed.score >= bands.lower_bound then 1 else 0 end as side,
        case
            when placed.max_score < bands.lower_bound then 1
            when placed.score >= bands.lower_bound + scorecards.margin then 1
            when placed.score <= bands.lower_bound - scorecards.margin then 1
            else 0
        end as is_clear
    from placed
    inner join spans
        on placed.account_id = spans.account_id
        and placed.version_series = spans.version_series
        and placed.score_kind = spans.score_kind
        and placed.spell_number = spans.spell_number
        and spans.lowest_rank < spans.highest_rank
    inner join scorecards
        on placed.scorecard_id = scorecards.scorecard_id
        and placed.scorecard_version = scorecards.scorecard_version
    inner join bands
        on placed.scorecard_id = bands.scorecard_id
        and placed.scorecard_version = bands.scorecard_version
        and spans.lowest_rank < bands.band_rank
        and spans.highest_rank >= bands.band_rank
),

followed as (
    select
        *,
        lag(score) over (
            partition by account_id, version_series, score_kind, spell_number, band_rank
            order by as_of_date
        ) as previous_score,
        lag(side) over (
            partition by account_id, version_series, score_kind, spell_number, band_rank
            order by as_of_date
        ) as previous_side
    from edges
),

runs as (
    select
        *,
        max(
            case
                when previous_score is null or previous_side != side then as_of_date
            end
        ) over (
            partition by account_id, version_series, score_kind, spell_number, band_rank
            order by as_of_date
        ) as run_starts_on
    from followed
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

-- The side of the last settled day, found by the number of that day and kept in its parity: a
-- second window, over the days since then, would sort them all once more.
sides as (
    select
        account_id,
        as_of_date,
        version_series,
        score_kind,
        side,
        max(
            case
                when is_settled = 1
                    then 2 * {{ days_between("cast('1900-01-01' as date)", 'as_of_date') }} + side
            end
        ) over (
            partition by account_id, version_series, score_kind, spell_number, band_rank
            order by as_of_date
        ) % 2 as stable_side
    from settled
),

-- By how many bands the stable one is above that of the day, or below it.
shifts as (
    select
        account_id,
        as_of_date,
        version_series,
        score_kind,
        sum(stable_side - side) as shift
    from sides
    where stable_side != side
    group by account_id, as_of_date, version_series, score_kind
),

band_counts as (
    select
        scorecards.scorecard_id,
        scorecards.scorecard_version,
        scorecards.status,
        scorecards.valid_from,
        max(bands.band_rank) as bands
    from scorecards
    inner join bands
        on scorecards.scorecard_id = bands.scorecard_id
        and scorecards.scorecard_version = bands.scorecard_version
    group by
        scorecards.scorecard_id,
        scorecards.scorecard_version,
        scorecards.status,
        scorecards.valid_from
),

-- A version with fewer bands than one of the same series before it says nothing of the edges that
-- it does not have. A shadow is a series of its own.
missing_edges as (
    select
        fewer.scorecard_id,
        fewer.scorecard_version,
        min(more.valid_from) as missing_from
    from band_counts as fewer
    inner join band_counts as more
        on fewer.status = more.status
        and fewer.status != 'shadow'
        and fewer.bands < more.bands
    group by fewer.scorecard_id, fewer.scorecard_version
),

banded as (
    select
        placed.account_id,
        placed.as_of_date,
        placed.spell_number,
        placed.scorecard_id,
        placed.scorecard_version,
        placed.score_kind,
        placed.version_series,
        placed.score is null
        or (
            shifts.account_id is null
            and placed.as_of_date
            < coalesce(missing_edges.missing_from, cast('9999-12-31' as date))
        ) as is_restart,
        case when placed.score is null then 'unknown' else bands.band_id end as band,
        bands.band_rank,
        bands.is_top_band as is_best_band
    from placed
    left join missing_edges
        on placed.scorecard_id = missing_edges.scorecard_id
        and placed.scorecard_version = missing_edges.scorecard_version
    left join shifts
        on placed.account_id = shifts.account_id
        and placed.as_of_date = shifts.as_of_date
        and placed.version_series = shifts.version_series
        and placed.score_kind = shifts.score_kind
    left join bands
        on placed.scorecard_id = bands.scorecard_id
        and placed.scorecard_version = bands.scorecard_version
        and placed.raw_rank + coalesce(shifts.shift, 0) = bands.band_rank
),

changes as (
    select
        *,
        lag(band) over (
            partition by account_id, version_series, spell_number
            order by as_of_date
        ) as previous_band
    from banded
    where score_kind = 'health'
),

since as (
    select
        *,
        max(case when previous_band is null or previous_band != band then as_of_date end) over (
            partition by account_id, version_series, spell_number
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
        coalesce(data_bands.band, health.band) as data_band,
        health.version_series,
        health.is_restart and coalesce(data_bands.is_restart, true) as is_restart
    from scores_asked_for as scores
    inner join since as health
        on scores.account_id = health.account_id
        and scores.as_of_date = health.as_of_date
        and scores.scorecard_id = health.scorecard_id
        and scores.scorecard_version = health.scorecard_version
    left join banded as data_bands
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
