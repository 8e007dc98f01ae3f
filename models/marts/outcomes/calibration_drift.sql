with outcomes as (
    select * from {{ ref('health_outcomes') }}
    where is_churned is not null
),

probabilities as (
    select * from {{ ref('int_outcomes__churn_probabilities') }}
),

horizons as (
    select * from {{ ref('stg_scorecard__outcome_horizons') }}
),

-- An account counts once a quarter, by its first observation in it: three looks at one account are
-- not three witnesses.
ranked as (
    select
        cast({{ dbt.date_trunc('quarter', 'outcomes.observation_date') }} as date)
            as quarter_starts_on,
        probabilities.model_id,
        outcomes.horizon_id,
        probabilities.probability,
        outcomes.is_churned,
        row_number() over (
            partition by
                {{ dbt.date_trunc('quarter', 'outcomes.observation_date') }},
                probabilities.model_id,
                outcomes.horizon_id,
                outcomes.account_id
            order by outcomes.observation_date
        ) as observation_number
    from outcomes
    inner join probabilities
        on outcomes.account_id = probabilities.account_id
        and outcomes.observation_date = probabilities.as_of_date
        and outcomes.horizon_id = probabilities.horizon_id
),

counted as (
    select
        ranked.quarter_starts_on,
        ranked.model_id,
        ranked.horizon_id,
        max(horizons.interval_z) as z,
        count(*) as accounts,
        sum(case when ranked.is_churned then 1 else 0 end) as churned_accounts,
        avg(ranked.probability) as expected_rate
    from ranked
    inner join horizons on ranked.horizon_id = horizons.horizon_id
    where ranked.observation_number = 1
    group by ranked.quarter_starts_on, ranked.model_id, ranked.horizon_id
),

rated as (
    select
        *,
        {{ as_double('churned_accounts') }} / accounts as churn_rate,
        {{ as_double('accounts') }} as n
    from counted
),

rounded as (
    select
        quarter_starts_on,
        model_id,
        horizon_id,
        accounts,
        churned_accounts,
        {{ to_decimal('expected_rate', 9, 6) }} as expected_rate,
        {{ to_decimal('churn_rate', 9, 6) }} as churn_rate,
        {{ to_decimal(wilson_bound('churn_rate', 'n', 'z', '-'), 9, 6) }}
            as churn_rate_low,
        {{ to_decimal(wilson_bound('churn_rate', 'n', 'z', '+'), 9, 6) }}
            as churn_rate_high
    from rated
),

final as (
    select
        cast(quarter_starts_on as date) as quarter_starts_on,
        cast(model_id as {{ dbt.type_string() }}) as model_id,
        cast(horizon_id as {{ dbt.type_string() }}) as horizon_id,
        cast(
            case
                when expected_rate < churn_rate_low then 'too_few_expected'
                when expected_rate > churn_rate_high then 'too_many_expected'
                else 'as_expected'
            end as {{ dbt.type_string() }}
        ) as calibration,
        cast(accounts as bigint) as accounts,
        cast(churned_accounts as bigint) as churned_accounts,
        expected_rate,
        churn_rate,
        churn_rate_low,
        churn_rate_high,
        cast(churn_rate - expected_rate as decimal(9, 6)) as rate_difference
    from rounded
)

select * from final
