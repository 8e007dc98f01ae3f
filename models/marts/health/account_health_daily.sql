{{ config(materialized='incremental', meta={'touched_by': 'scores'}) }}
{%- set horizons = [7, 28, 91] %}

with account_dates as (
    select * from {{ touched('int_accounts__as_of') }}
),

scores as (
    select * from {{ ref('int_scoring__scores') }}
    where status = 'live'
),

bands as (
    select * from {{ ref('int_scoring__bands') }}
    where status = 'live'
),

probabilities as (
    select * from {{ ref('int_outcomes__churn_probabilities') }}
),

models as (
    select
        min(valid_from) as first_model_from
    from {{ ref('stg_scorecard__churn_models') }}
),

dimension_scores as (
    select
        account_id,
        as_of_date,
        '{' || {{ dbt.listagg(
            "'\"' || dimension_id || '\": ' || cast(dimension_score as " ~ dbt.type_string() ~ ")",
            "', '",
            'order by dimension_id'
        ) }} || '}' as dimension_scores
    from {{ touched('dimension_health_daily') }}
    where dimension_score is not null
    group by account_id, as_of_date
),

final as (
    select
        cast(account_dates.account_id as {{ dbt.type_string() }}) as account_id,
        cast(account_dates.as_of_date as date) as as_of_date,
        cast(scores.health_score as decimal(9, 4)) as health_score,
        cast(scores.data_score as decimal(9, 4)) as data_score,
        cast(coalesce(bands.band, 'unknown') as {{ dbt.type_string() }}) as band,
        cast(coalesce(scores.raw_band, 'unknown') as {{ dbt.type_string() }}) as raw_band,
        cast(coalesce(bands.data_band, 'unknown') as {{ dbt.type_string() }}) as data_band,
        cast(bands.band_since as date) as band_since,
        cast(bands.band_rank as integer) as band_rank,
        bands.is_best_band,
        {{ to_decimal('coalesce(scores.coverage, 0)', 9, 4) }} as coverage,
        cast(
            case when scores.account_id is null then 'no_scorecard' else scores.score_reason end
            as {{ dbt.type_string() }}
        ) as score_reason,
        cast(dimension_scores.dimension_scores as {{ dbt.type_string() }}) as dimension_scores,
        {%- for days in horizons %}
        cast(
            scores.health_score - before_{{ days }}.health_score as decimal(9, 4)
        ) as health_score_change_{{ days }}d,
        {%- endfor %}
        cast(account_dates.scorecard_id as {{ dbt.type_string() }}) as scorecard_id,
        cast(scores.scorecard_version as integer) as scorecard_version,
        cast(account_dates.segment_id as {{ dbt.type_string() }}) as segment_id,
        cast(account_dates.owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(account_dates.lifecycle_stage as {{ dbt.type_string() }}) as lifecycle_stage,
        cast(account_dates.spell_number as integer) as spell_number,
        cast(account_dates.seats as bigint) as seats,
        cast(account_dates.recurring_revenue as decimal(18, 2)) as recurring_revenue,
        cast(account_dates.renewal_date as date) as renewal_date,
        {{ to_decimal('probabilities.probability', 9, 6) }} as churn_probability,
        {{ to_decimal('probabilities.probability_low', 9, 6) }} as churn_probability_low,
        {{ to_decimal('probabilities.probability_high', 9, 6) }} as churn_probability_high,
        cast(
            case
                when probabilities.account_id is not null then null
                when models.first_model_from is null then 'no_model_released'
                when models.first_model_from > account_dates.as_of_date then 'no_model_released'
                when scores.health_score is null then 'no_score'
                else 'dimension_not_observed'
            end as {{ dbt.type_string() }}
        ) as churn_probability_reason
    from account_dates
    left join scores
        on account_dates.account_id = scores.account_id
        and account_dates.as_of_date = scores.as_of_date
    left join bands
        on account_dates.account_id = bands.account_id
        and account_dates.as_of_date = bands.as_of_date
    left join probabilities
        on account_dates.account_id = probabilities.account_id
        and account_dates.as_of_date = probabilities.as_of_date
    cross join models
    left join dimension_scores
        on account_dates.account_id = dimension_scores.account_id
        and account_dates.as_of_date = dimension_scores.as_of_date
    {%- for days in horizons %}
    left join scores as before_{{ days }}
        on account_dates.account_id = before_{{ days }}.account_id
        and {{ add_days('account_dates.as_of_date', -days) }} = before_{{ days }}.as_of_date
    {%- endfor %}
)

select * from final
