with outcomes as (
    select * from {{ ref('health_outcomes') }}
    where is_churned is not null
),

horizons as (
    select * from {{ ref('stg_scorecard__outcome_horizons') }}
),

segmented as (
    select
        horizon_id,
        segment_id,
        band,
        account_id,
        is_churned
    from outcomes
    union all
    select
        horizon_id,
        'all' as segment_id,
        band,
        account_id,
        is_churned
    from outcomes
),

counted as (
    select
        segmented.band,
        segmented.segment_id,
        segmented.horizon_id,
        max(horizons.interval_z) as z,
        count(*) as observations,
        count(distinct segmented.account_id) as accounts,
        sum(case when segmented.is_churned then 1 else 0 end) as churned_observations,
        count(
            distinct case when segmented.is_churned then segmented.account_id end
        ) as churned_accounts
    from segmented
    inner join horizons on segmented.horizon_id = horizons.horizon_id
    group by segmented.band, segmented.segment_id, segmented.horizon_id
),

rated as (
    select
        *,
        {{ as_double('churned_observations') }} / observations as churn_rate,
        {{ as_double('observations') }} as n
    from counted
),

final as (
    select
        cast(band as {{ dbt.type_string() }}) as band,
        cast(segment_id as {{ dbt.type_string() }}) as segment_id,
        cast(horizon_id as {{ dbt.type_string() }}) as horizon_id,
        cast(observations as bigint) as observations,
        cast(accounts as bigint) as accounts,
        cast(churned_observations as bigint) as churned_observations,
        cast(churned_accounts as bigint) as churned_accounts,
        {{ to_decimal('churn_rate', 9, 6) }} as churn_rate,
        {{ to_decimal(wilson_bound('churn_rate', 'n', 'z', '-'), 9, 6) }}
            as churn_rate_low,
        {{ to_decimal(wilson_bound('churn_rate', 'n', 'z', '+'), 9, 6) }}
            as churn_rate_high
    from rated
)

select * from final
