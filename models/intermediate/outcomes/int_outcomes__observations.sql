-- Account × observation date × horizon: what was known then, and the window in which the outcome
-- falls. Everybody is observed on the first scored day of each month, from history, until leaving
-- was decided.
with scores as (
    select * from {{ ref('account_health_daily') }}
),

scored_days as (
    select calendar_date from {{ ref('int_accounts__calendar') }}
    where is_scored
),

horizons as (
    select * from {{ ref('stg_scorecard__outcome_horizons') }}
),

churn_dates as (
    select * from {{ ref('int_outcomes__churn_dates') }}
),

spells as (
    select
        account_id,
        spell_number,
        max(ends_on) as last_paid_on
    from {{ ref('int_accounts__paid_stretches') }}
    group by account_id, spell_number
),

probabilities as (
    select * from {{ ref('int_outcomes__churn_probabilities') }}
),

observation_dates as (
    select
        min(calendar_date) as observation_date
    from scored_days
    group by cast({{ dbt.date_trunc('month', 'calendar_date') }} as date)
),

last_day as (
    {{ last_scored_day() }}
),

final as (
    select
        scores.account_id,
        scores.as_of_date as observation_date,
        scores.spell_number,
        horizons.horizon_id,
        horizons.horizon_days,
        horizons.gap_days,
        {{ add_days('scores.as_of_date', 'horizons.gap_days') }} as window_opens_after,
        {{ add_days(
            'scores.as_of_date', 'horizons.gap_days + horizons.horizon_days'
        ) }} as window_closes_on,
        scores.health_score,
        scores.data_score,
        scores.band,
        scores.raw_band,
        scores.band_rank,
        scores.is_best_band,
        scores.coverage,
        scores.scorecard_id,
        scores.scorecard_version,
        scores.segment_id,
        scores.owner_id,
        scores.lifecycle_stage,
        scores.dimension_scores,
        scores.recurring_revenue,
        scores.renewal_date,
        probabilities.model_id as churn_model_id,
        case when probabilities.model_id is not null then scores.churn_probability end
            as churn_probability,
        case when probabilities.model_id is not null then scores.churn_probability_low end
            as churn_probability_low,
        case when probabilities.model_id is not null then scores.churn_probability_high end
            as churn_probability_high,
        churn_dates.churned_on,
        spells.last_paid_on,
        last_day.last_day
    from scores
    inner join observation_dates on scores.as_of_date = observation_dates.observation_date
    cross join horizons
    cross join last_day
    inner join spells
        on scores.account_id = spells.account_id
        and scores.spell_number = spells.spell_number
    left join churn_dates
        on scores.account_id = churn_dates.account_id
        and scores.spell_number = churn_dates.spell_number
    -- A probability speaks of the window of its model, and of no other.
    left join probabilities
        on scores.account_id = probabilities.account_id
        and scores.as_of_date = probabilities.as_of_date
        and horizons.horizon_id = probabilities.horizon_id
    where churn_dates.churned_on is null or churn_dates.churned_on > scores.as_of_date
)

select * from final
