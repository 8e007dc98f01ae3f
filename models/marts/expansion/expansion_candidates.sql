with scores as (
    select * from {{ ref('int_scoring__scores') }}
    where status = 'expansion' and health_score is not null
),

bands as (
    select * from {{ ref('int_scoring__bands') }}
    where status = 'expansion'
),

contributions as (
    select * from {{ ref('int_scoring__contributions') }}
    where status = 'expansion' and contribution_kind = 'signal' and effective_weight is not null
),

signals as (
    select * from {{ ref('stg_scorecard__signals') }}
),

health as (
    select * from {{ ref('account_health') }}
),

account_dates as (
    select * from {{ ref('int_accounts__as_of') }}
),

last_day as (
    {{ last_scored_day() }}
),

candidates as (
    select
        scores.account_id,
        scores.as_of_date,
        scores.scorecard_id,
        scores.scorecard_version,
        scores.health_score as expansion_score,
        scores.coverage,
        account_dates.account_name,
        account_dates.segment_id,
        account_dates.owner_id,
        account_dates.seats,
        account_dates.recurring_revenue
    from scores
    inner join last_day on scores.as_of_date = last_day.last_day
    inner join account_dates
        on scores.account_id = account_dates.account_id
        and scores.as_of_date = account_dates.as_of_date
    where not account_dates.is_under_notice
),

median_revenue as (
    {{ median_revenue('candidates') }}
),

worded as (
    select
        contributions.account_id,
        contributions.scorecard_id,
        contributions.signal_id,
        contributions.product_id,
        contributions.points,
        contributions.contribution,
        contributions.points_lost,
        contributions.value / contributions.scale as scaled_value,
        signals.label || ': '
        || cast(
            cast(contributions.value / contributions.scale as decimal(18, 2))
            as {{ dbt.type_string() }}
        ) || ' ' || signals.unit
        || case
            when contributions.product_id = 'all' then '' else ' in ' || contributions.product_id
        end as condition
    from contributions
    inner join last_day on contributions.as_of_date = last_day.last_day
    inner join signals on contributions.signal_id = signals.signal_id
),

ranked_conditions as (
    select
        *,
        row_number() over (
            partition by account_id, scorecard_id
            order by contribution desc, signal_id, product_id
        ) as reason_rank,
        row_number() over (
            partition by account_id, scorecard_id
            order by points_lost desc, signal_id, product_id
        ) as weakness_rank
    from worded
),

reasons as (
    select
        account_id,
        scorecard_id,
        {%- for number in [1, 2, 3] %}
        max(
            case
                when reason_rank = {{ number }} and contribution > 0
                    then
                        condition || ', brings '
                        || cast(cast(contribution as decimal(9, 1)) as {{ dbt.type_string() }})
                        || ' points'
            end
        ) as reason_{{ number }},
        {%- endfor %}
        max(
            case
                when weakness_rank = 1 and points_lost > 0
                    then
                        condition || ', lacks '
                        || cast(cast(points_lost as decimal(9, 1)) as {{ dbt.type_string() }})
                        || ' points'
            end
        ) as weakest_condition,
        max(case when signal_id = 'active_users_per_seat' then scaled_value end)
            as active_users_per_seat
    from ranked_conditions
    group by account_id, scorecard_id
),

final as (
    select
        cast(candidates.account_id as {{ dbt.type_string() }}) as account_id,
        cast(candidates.account_name as {{ dbt.type_string() }}) as account_name,
        cast(candidates.as_of_date as date) as as_of_date,
        cast(candidates.expansion_score as decimal(9, 4)) as expansion_score,
        cast(bands.band as {{ dbt.type_string() }}) as expansion_band,
        {{ to_decimal('candidates.coverage', 9, 4) }} as coverage,
        cast(
            row_number() over (
                partition by candidates.scorecard_id
                order by
                    cast(
                        coalesce(
                            candidates.recurring_revenue, median_revenue.recurring_revenue, 0
                        ) as decimal(28, 2)
                    )
                    * candidates.expansion_score desc,
                    candidates.expansion_score desc,
                    candidates.account_id
            ) as integer
        ) as expansion_rank,
        cast(reasons.reason_1 as {{ dbt.type_string() }}) as reason_1,
        cast(reasons.reason_2 as {{ dbt.type_string() }}) as reason_2,
        cast(reasons.reason_3 as {{ dbt.type_string() }}) as reason_3,
        cast(reasons.weakest_condition as {{ dbt.type_string() }}) as weakest_condition,
        cast(candidates.seats as bigint) as seats,
        cast(reasons.active_users_per_seat as decimal(18, 4)) as active_users_per_seat,
        cast(candidates.recurring_revenue as decimal(18, 2)) as recurring_revenue,
        cast(health.band as {{ dbt.type_string() }}) as health_band,
        cast(candidates.segment_id as {{ dbt.type_string() }}) as segment_id,
        cast(candidates.owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(candidates.scorecard_id as {{ dbt.type_string() }}) as scorecard_id,
        cast(candidates.scorecard_version as integer) as scorecard_version
    from candidates
    cross join median_revenue
    inner join bands
        on candidates.account_id = bands.account_id
        and candidates.as_of_date = bands.as_of_date
        and candidates.scorecard_id = bands.scorecard_id
        and candidates.scorecard_version = bands.scorecard_version
    inner join health on candidates.account_id = health.account_id
    left join reasons
        on candidates.account_id = reasons.account_id
        and candidates.scorecard_id = reasons.scorecard_id
)

select * from final
