-- Account × as_of_date: the released churn model applied to the live score. The model is a sum of
-- terms (the intercept, the score, or the score of a dimension) on the scale of log odds; its
-- interval comes from the covariance of the coefficients by the delta method. It is the uncertainty
-- of the average rate of accounts that look alike, not of this one account.
{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}

with scores as (
    select
        account_id,
        as_of_date,
        health_score
    from {{ touched('int_scoring__scores') }}
    where status = 'live' and health_score is not null
),

dimension_scores as (
    select
        account_id,
        as_of_date,
        dimension_id,
        dimension_score
    from {{ touched('dimension_health_daily') }}
    where dimension_score is not null
),

models as (
    select * from {{ ref('stg_scorecard__churn_models') }}
),

terms as (
    select * from {{ ref('stg_scorecard__churn_model_terms') }}
),

covariances as (
    select * from {{ ref('stg_scorecard__churn_model_covariances') }}
),

term_values as (
    select
        account_id,
        as_of_date,
        'intercept' as term,
        {{ as_double('1') }} as term_value
    from scores
    union all
    select
        account_id,
        as_of_date,
        'score' as term,
        {{ as_double('health_score') }} as term_value
    from scores
    union all
    select
        account_id,
        as_of_date,
        dimension_id as term,
        {{ as_double('dimension_score') }} as term_value
    from dimension_scores
),

applied as (
    select
        term_values.account_id,
        term_values.as_of_date,
        models.model_id,
        models.horizon_id,
        models.interval_z,
        models.term_count,
        terms.term,
        term_values.term_value,
        terms.coefficient * term_values.term_value as effect
    from models
    inner join terms on models.model_id = terms.model_id
    inner join term_values
        on terms.term = term_values.term
        and term_values.as_of_date between models.valid_from and models.valid_to
),

log_odds as (
    select
        account_id,
        as_of_date,
        model_id,
        horizon_id,
        interval_z,
        sum(effect) as log_odds
    from applied
    group by account_id, as_of_date, model_id, horizon_id, interval_z, term_count
    -- A model that needs a dimension nobody observed says nothing.
    having count(*) = term_count
),

variances as (
    select
        applied.account_id,
        applied.as_of_date,
        sum(applied.term_value * others.term_value * covariances.covariance) as variance
    from applied
    inner join covariances
        on applied.model_id = covariances.model_id
        and applied.term = covariances.term
    inner join applied as others
        on applied.account_id = others.account_id
        and applied.as_of_date = others.as_of_date
        and covariances.other_term = others.term
    group by applied.account_id, applied.as_of_date
),

bounds as (
    select
        log_odds.account_id,
        log_odds.as_of_date,
        log_odds.model_id,
        log_odds.horizon_id,
        log_odds.log_odds,
        log_odds.interval_z * sqrt(greatest(variances.variance, 0)) as half_width
    from log_odds
    left join variances
        on log_odds.account_id = variances.account_id
        and log_odds.as_of_date = variances.as_of_date
),

final as (
    select
        account_id,
        as_of_date,
        model_id,
        horizon_id,
        log_odds,
        {{ logistic('log_odds') }} as probability,
        {{ logistic('log_odds - half_width') }} as probability_low,
        {{ logistic('log_odds + half_width') }} as probability_high
    from bounds
)

select * from final
