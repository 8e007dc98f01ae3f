-- Account × observation date × horizon: whether somebody of ours reached out to an account below
-- the best band within the gap, before leaving was decided. Only the gap counts: whoever is judged
-- was there through all of it, while a longer time to act would be shorter for those who leave, so
-- that stayers alone would look acted on. Not known on days that our outreach does not cover.
with observations as (
    select * from {{ ref('int_outcomes__observations') }}
),

outreach_days as (
    select * from {{ ref('int_activity__outreach_days') }}
),

covered as (
    select
        min(activity_date) as first_day,
        max(activity_date) as last_day
    from outreach_days
),

reached as (
    select
        observations.account_id,
        observations.observation_date,
        observations.horizon_id
    from observations
    inner join outreach_days
        on observations.account_id = outreach_days.account_id
        and observations.observation_date < outreach_days.activity_date
        and observations.window_opens_after >= outreach_days.activity_date
    where observations.churned_on is null or observations.churned_on > outreach_days.activity_date
    group by
        observations.account_id,
        observations.observation_date,
        observations.horizon_id
),

final as (
    select
        observations.account_id,
        observations.observation_date,
        observations.horizon_id,
        case
            when
                observations.observation_date >= covered.first_day
                and observations.window_opens_after <= covered.last_day
                then
                    reached.account_id is not null
                    and not coalesce(observations.is_best_band, true)
        end as is_acted_on
    from observations
    cross join covered
    left join reached
        on observations.account_id = reached.account_id
        and observations.observation_date = reached.observation_date
        and observations.horizon_id = reached.horizon_id
)

select * from final
