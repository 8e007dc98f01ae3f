with daily as (
    select * from {{ ref('account_health_daily') }}
),

account_dates as (
    select * from {{ ref('int_accounts__as_of') }}
),

last_day as (
    {{ last_scored_day() }}
),

-- Only the last day is told, so that its rows alone are read; the mart looks up overrides first.
contributions as (
    select * from {{ ref('int_scoring__contributions') }}
    where
        status = 'live'
        and as_of_date in (select last_day.last_day from last_day)
),

signals as (
    select * from {{ ref('stg_scorecard__signals') }}
),

weakest_products as (
    select * from {{ ref('product_health_daily') }}
    where weakness_rank = 1
),

next_milestones as (
    select
        account_id,
        max(case when is_next then label end) as next_milestone,
        max(case when is_next then due_on end) as next_milestone_due_on,
        max(case when is_next and due_on <= as_of_date then label end) as missed_milestone,
        sum(case when reached_on is null and days_overdue > 0 then 1 else 0 end)
            as milestones_overdue,
        max(case when is_first_value then days_to_reach end) as days_to_first_value
    from {{ ref('account_milestones') }}
    group by account_id
),

caps as (
    select * from {{ ref('stg_scorecard__caps') }}
),

point_rules as (
    select * from {{ ref('stg_scorecard__point_rules') }}
),

losses as (
    select
        contributions.account_id,
        contributions.contribution_kind,
        contributions.signal_id,
        contributions.product_id,
        contributions.rule_id,
        coalesce(signals.label, point_rules.label) as label,
        caps.label as cap_label,
        signals.unit,
        case when signals.calculation = 'pace' then next_milestones.missed_milestone end
            as missed_milestone,
        cast(
            contributions.value / coalesce(contributions.scale, 1) as decimal(18, 2)
        ) as scaled_value,
        contributions.points_lost
    from contributions
    left join signals on contributions.signal_id = signals.signal_id
    left join next_milestones on contributions.account_id = next_milestones.account_id
    left join point_rules
        on contributions.scorecard_id = point_rules.scorecard_id
        and contributions.scorecard_version = point_rules.scorecard_version
        and contributions.rule_id = point_rules.rule_id
    left join caps
        on contributions.contribution_kind = 'cap'
        and contributions.scorecard_id = caps.scorecard_id
        and contributions.scorecard_version = caps.scorecard_version
        and contributions.rule_id = caps.cap_id
    where contributions.points_lost > 0
),

ranked_losses as (
    select
        *,
        row_number() over (
            partition by account_id
            order by points_lost desc, signal_id, product_id, rule_id
        ) as reason_rank
    from losses
),

worded_losses as (
    select
        account_id,
        reason_rank,
        case
            when contribution_kind = 'point_rule' then label || ': '
            else
                coalesce(cap_label || ', ', '') || label || ': '
                || cast(scaled_value as {{ dbt.type_string() }}) || ' ' || unit
                || case when product_id = 'all' then '' else ' in ' || product_id end
                || coalesce(', missed: ' || missed_milestone, '') || ', '
        end
        || 'costs ' || cast(cast(points_lost as decimal(9, 1)) as {{ dbt.type_string() }})
        || ' points' as reason
    from ranked_losses
),

reasons as (
    select
        account_id,
        max(case when reason_rank = 1 then reason end) as reason_1,
        max(case when reason_rank = 2 then reason end) as reason_2,
        max(case when reason_rank = 3 then reason end) as reason_3
    from worded_losses
    group by account_id
),

today as (
    select daily.*
    from daily
    inner join last_day on daily.as_of_date = last_day.last_day
),

median_revenue as (
    {{ median_revenue('today') }}
),

ranked as (
    select
        today.*,
        cast(100 * today.coverage as decimal(9, 0)) as coverage_percent,
        reasons.reason_1,
        reasons.reason_2,
        reasons.reason_3,
        -- Whoever is below the best band comes first; among them revenue times the share of points
        -- lost, which is what is at stake. Without a score there is nothing to rank by.
        case
            when today.health_score is not null
                then
                    row_number() over (
                        order by
                            case when today.health_score is null then 1 else 0 end,
                            case when today.is_best_band then 1 else 0 end,
                            cast(
                                coalesce(
                                    today.recurring_revenue, median_revenue.recurring_revenue, 0
                                ) as decimal(28, 2)
                            )
                            * (100 - today.health_score) desc,
                            today.health_score,
                            today.account_id
                    )
        end as queue_rank
    from today
    cross join median_revenue
    left join reasons on today.account_id = reasons.account_id
),

final as (
    select
        cast(ranked.account_id as {{ dbt.type_string() }}) as account_id,
        cast(account_dates.account_name as {{ dbt.type_string() }}) as account_name,
        ranked.as_of_date,
        ranked.health_score,
        ranked.data_score,
        ranked.band,
        ranked.raw_band,
        ranked.band_rank,
        ranked.is_best_band,
        ranked.data_band,
        ranked.band_since,
        cast(
            {{ days_between('ranked.band_since', 'ranked.as_of_date') }} + 1 as integer
        ) as days_in_band,
        ranked.coverage,
        ranked.score_reason,
        ranked.dimension_scores,
        ranked.health_score_change_7d,
        ranked.health_score_change_28d,
        ranked.health_score_change_91d,
        cast(
            coalesce(
                ranked.reason_1,
                case
                    when ranked.health_score is null
                        then
                            'Not scored: '
                            || cast(ranked.coverage_percent as {{ dbt.type_string() }})
                            || ' % of the scorecard was observed'
                end
            ) as {{ dbt.type_string() }}
        ) as reason_1,
        cast(ranked.reason_2 as {{ dbt.type_string() }}) as reason_2,
        cast(ranked.reason_3 as {{ dbt.type_string() }}) as reason_3,
        cast(ranked.queue_rank as integer) as queue_rank,
        ranked.scorecard_id,
        ranked.scorecard_version,
        ranked.segment_id,
        ranked.owner_id,
        ranked.lifecycle_stage,
        cast(account_dates.parent_account_id as {{ dbt.type_string() }}) as parent_account_id,
        cast(account_dates.plan as {{ dbt.type_string() }}) as plan,
        cast(account_dates.industry as {{ dbt.type_string() }}) as industry,
        cast(account_dates.use_case as {{ dbt.type_string() }}) as use_case,
        cast(account_dates.region as {{ dbt.type_string() }}) as region,
        cast(account_dates.tenure_days as integer) as tenure_days,
        cast(next_milestones.next_milestone as {{ dbt.type_string() }}) as next_milestone,
        cast(next_milestones.next_milestone_due_on as date) as next_milestone_due_on,
        cast(next_milestones.milestones_overdue as integer) as milestones_overdue,
        cast(next_milestones.days_to_first_value as integer) as days_to_first_value,
        cast(weakest_products.product_id as {{ dbt.type_string() }}) as weakest_product_id,
        cast(weakest_products.product_score as decimal(9, 2)) as weakest_product_score,
        ranked.seats,
        ranked.recurring_revenue,
        ranked.renewal_date,
        ranked.churn_probability,
        ranked.churn_probability_low,
        ranked.churn_probability_high,
        ranked.churn_probability_reason
    from ranked
    inner join account_dates
        on ranked.account_id = account_dates.account_id
        and ranked.as_of_date = account_dates.as_of_date
    left join next_milestones on ranked.account_id = next_milestones.account_id
    left join weakest_products
        on ranked.account_id = weakest_products.account_id
        and ranked.as_of_date = weakest_products.as_of_date
)

select * from final
