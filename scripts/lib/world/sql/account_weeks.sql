-- Account × week as a customer: health, and the use that follows from it. Use hangs on health now,
-- on the account's own level and on noise; it knows nothing of a future notice. After a notice it
-- fades.
with joined as (
    select
        latent_weeks.account_no,
        latent_weeks.week,
        latent_weeks.spell,
        latent_weeks.health,
        latent_weeks.seats,
        latent_weeks.spell_week,
        latent_weeks.weeks_since_notice,
        latent_weeks.first_dow,
        latent_weeks.last_dow,
        account_traits.is_scripted,
        account_traits.sensitivity * latent_weeks.health as felt,
        account_traits.usage_level,
        account_traits.active_share,
        account_traits.breadth,
        week_key(latent_weeks.account_no, latent_weeks.week) as key,
        least(1.0, (latent_weeks.spell_week + 1) / $ramp_weeks) as ramp,
        greatest(
            $after_notice_floor,
            exp(-$after_notice_weekly_decay * coalesce(latent_weeks.weeks_since_notice, 0))
        ) as fading,
        -- The columns by_0 to by_6 as a list, with a leading 0 for the week's beginning.
        [
            0.0, week_weights.by_0, week_weights.by_1, week_weights.by_2, week_weights.by_3,
            week_weights.by_4, week_weights.by_5, week_weights.by_6
        ] as passed,
        coalesce(
            7 * latent_weeks.week + latent_weeks.first_dow >= account_traits.insights_from_day
            and 7 * latent_weeks.week + 6 <= coalesce(account_traits.insights_to_day, $never),
            false
        ) as has_insights,
        coalesce(
            7 * latent_weeks.week + latent_weeks.first_dow >= account_traits.automate_from_day
            and 7 * latent_weeks.week + 6 <= coalesce(account_traits.automate_to_day, $never),
            false
        ) as has_automate
    from latent_weeks
    inner join account_traits on latent_weeks.account_no = account_traits.account_no
    inner join week_weights
        on account_traits.region = week_weights.region
        and latent_weeks.week = week_weights.week
),

active as (
    select
        *,
        greatest(1, least(seats, round(
            seats * ramp * fading * logistic(
                active_share + $active_share_per_health * felt
                + $active_share_noise_sd * normal(key, 'active share noise')
            )
        )))::int as active_users
    from joined
)

select
    account_no,
    week,
    spell,
    health,
    seats,
    spell_week,
    weeks_since_notice,
    first_dow,
    last_dow,
    active_users,
    has_insights,
    has_automate,
    passed[first_dow + 1] as from_weight,
    passed[last_dow + 2] as to_weight,
    logistic(breadth + $breadth_per_health * felt) as breadth,
    -- Expected events before scaling to the number asked for; in millionths, because a sum of whole
    -- numbers is the same in any order.
    case when is_scripted then 0 else
        round(1e6 * active_users * fading * (passed[last_dow + 2] - passed[first_dow + 1]) * exp(
            usage_level + $usage_per_health * felt
            + $usage_noise_sd * normal(key, 'usage noise')
        ))
    end::bigint as usage_weight
from active
