with observations as (
    select * from {{ ref('int_outcomes__observations') }}
),

baselines as (
    select * from {{ ref('int_outcomes__baselines') }}
),

actions as (
    select * from {{ ref('int_outcomes__actions') }}
),

periods as (
    select * from {{ ref('int_accounts__periods') }}
),

judged as (
    select
        observations.*,
        baselines.usage_points,
        baselines.recency_days,
        baselines.equal_weight_score,
        actions.is_acted_on,
        -- Whatever happened, a window that has not closed is not judged; nor is one in which paying
        -- stopped so lately that nobody knows yet whether it was leaving.
        case
            when observations.window_closes_on > observations.last_day then true
            when
                observations.churned_on is null
                and observations.last_paid_on < observations.window_closes_on
                then true
            else false
        end as is_censored,
        coalesce(
            observations.churned_on <= observations.window_opens_after, false
        ) as is_churned_in_gap,
        observations.churned_on > observations.window_opens_after
        and observations.churned_on <= observations.window_closes_on as churns_in_window,
        observations.renewal_date > observations.window_opens_after
        and observations.renewal_date <= observations.window_closes_on as renews_in_window,
        periods.recurring_revenue as revenue_after
    from observations
    left join baselines
        on observations.account_id = baselines.account_id
        and observations.observation_date = baselines.observation_date
    left join actions
        on observations.account_id = actions.account_id
        and observations.observation_date = actions.observation_date
        and observations.horizon_id = actions.horizon_id
    left join periods
        on observations.account_id = periods.account_id
        and observations.window_closes_on between periods.starts_on and periods.ends_on
),

final as (
    select
        cast(account_id as {{ dbt.type_string() }}) as account_id,
        cast(observation_date as date) as observation_date,
        cast(horizon_id as {{ dbt.type_string() }}) as horizon_id,
        cast(horizon_days as integer) as horizon_days,
        cast(gap_days as integer) as gap_days,
        health_score,
        data_score,
        band,
        raw_band,
        band_rank,
        is_best_band,
        coverage,
        scorecard_id,
        scorecard_version,
        segment_id,
        owner_id,
        lifecycle_stage,
        dimension_scores,
        recurring_revenue,
        renewal_date,
        coalesce(renews_in_window, false) as is_renewal_due,
        {{ to_decimal('usage_points', 9, 4) }} as usage_points,
        cast(recency_days as integer) as recency_days,
        {{ to_decimal('equal_weight_score', 9, 4) }} as equal_weight_score,
        cast(churn_model_id as {{ dbt.type_string() }}) as churn_model_id,
        churn_probability,
        churn_probability_low,
        churn_probability_high,
        is_acted_on,
        cast(churned_on as date) as churned_on,
        is_censored,
        is_churned_in_gap,
        case
            when is_censored or is_churned_in_gap then null
            else coalesce(churns_in_window, false)
        end as is_churned,
        case
            when is_censored or is_churned_in_gap or not coalesce(renews_in_window, false) then null
            else coalesce(churned_on > window_closes_on, true) and last_paid_on > renewal_date
        end as is_renewed,
        case
            when is_censored or is_churned_in_gap then null
            else
                coalesce(
                    revenue_after > recurring_revenue and not coalesce(churns_in_window, false),
                    false
                )
        end as is_expanded,
        case
            when is_censored or is_churned_in_gap then null
            else
                coalesce(
                    revenue_after < recurring_revenue and not coalesce(churns_in_window, false),
                    false
                )
        end as is_contracted,
        cast(
            {{ days_between(
                'observation_date', 'coalesce(churned_on, least(last_paid_on, last_day))'
            ) }} as integer
        ) as days_to_event,
        churned_on is not null as is_event
    from judged
)

select * from final
