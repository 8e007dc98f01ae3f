-- The account-weeks of a stretch of weeks, with all that their events need and how many these are.
select
    account_weeks.account_no,
    account_weeks.week,
    account_weeks.health,
    account_weeks.active_users,
    account_weeks.breadth,
    account_weeks.has_insights,
    account_weeks.has_automate,
    account_weeks.from_weight,
    account_weeks.to_weight,
    account_traits.first_day,
    account_traits.utc_offset,
    account_traits.session_size,
    account_traits.is_api_heavy,
    account_traits.has_internal_user,
    account_traits.is_quiet,
    week_weights.by_0,
    week_weights.by_1,
    week_weights.by_2,
    week_weights.by_3,
    week_weights.by_4,
    week_weights.by_5,
    week_key(account_weeks.account_no, account_weeks.week) as week_key,
    floor(
        $event_scale * account_weeks.usage_weight
        + uniform(week_key(account_weeks.account_no, account_weeks.week), 'events')
    )::bigint as events
from account_weeks
inner join account_traits on account_weeks.account_no = account_traits.account_no
inner join week_weights
    on account_traits.region = week_weights.region
    and account_weeks.week = week_weights.week
where account_weeks.week between $from_week and $to_week
