-- A signal that is made of answers carries weight only where they are enough and young enough. A
-- row for each version and signal that weighs more accounts with too few or too old answers, on the
-- last scored day, than the seed answer_limits lets pass.
{{ config(severity='warn') }}

with limits as (
    select * from {{ ref('stg_scorecard__answer_limits') }}
),

last_day as (
    {{ last_scored_day() }}
),

weighed as (
    select
        daily.scorecard_id,
        daily.scorecard_version,
        contributions.signal_id,
        limits.max_thin_share,
        case
            when signals.denominator < limits.min_answers then 1
            when signals.freshness < limits.min_freshness then 1
            when
                limits.min_answers_per_seat > 0
                and coalesce(
                    signals.denominator < limits.min_answers_per_seat * daily.seats, true
                )
                then 1
            else 0
        end as is_thin
    from {{ ref('health_contributions') }} as contributions
    inner join limits on contributions.signal_id = limits.signal_id
    inner join last_day on contributions.as_of_date = last_day.last_day
    inner join {{ ref('account_health_daily') }} as daily
        on contributions.account_id = daily.account_id
        and contributions.as_of_date = daily.as_of_date
    inner join {{ ref('int_signals__daily') }} as signals
        on contributions.account_id = signals.account_id
        and contributions.as_of_date = signals.as_of_date
        and contributions.signal_id = signals.signal_id
        and contributions.product_id = signals.product_id
    where contributions.effective_weight > 0
)

select
    scorecard_id,
    scorecard_version,
    signal_id,
    count(*) as accounts,
    sum(is_thin) as thin_accounts
from weighed
group by scorecard_id, scorecard_version, signal_id, max_thin_share
having sum(is_thin) > max_thin_share * count(*)
