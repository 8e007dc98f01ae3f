-- Surveys sent, and answers where one came. NPS goes out twice a year to a few people per account,
-- but in some accounts it was asked once and never again; CSAT and CES follow solved tickets.
with nps_sent as (
    select
        account_weeks.account_no,
        account_weeks.health,
        account_traits.account_id,
        account_traits.first_day,
        account_traits.reply_trait,
        7 * account_weeks.week + account_weeks.last_dow as day,
        unnest(range(1, least(account_weeks.seats, 6) + 1)) as slot,
        week_key(account_weeks.account_no, account_weeks.week) as week_key
    from account_weeks
    inner join account_traits on account_weeks.account_no = account_traits.account_no
    where
        not account_traits.is_silent
        and (account_weeks.week + account_weeks.account_no) % 26 = 3
        and (
            uniform(account_weeks.account_no, 'asked once') >= 0.2
            or account_weeks.week < least(26, $weeks // 3)
        )
),

nps as (
    select
        'nps_' || week_key || '_' || slot as response_id,
        week_key * 100 + slot as key,
        account_id,
        -- Some surveys are anonymous.
        case when uniform(account_no, 'anonymous') >= 0.05
            then holder_id(account_no, slot, first_day, day) end as user_id,
        null::varchar as ticket_id,
        'nps' as kind,
        0 as lowest,
        10 as highest,
        $survey_center + $survey_per_health * health as center,
        $survey_sd as spread,
        at_work(day, uniform(week_key * 100 + slot, 'nps sent')) as sent_at,
        logistic(-0.5 + reply_trait + $reply_per_health * health) as reply_chance
    from nps_sent
),

after_tickets as (
    select
        tickets.*,
        account_traits.reply_trait,
        coalesce(tickets.resolved_again_at, tickets.first_resolved_at) as solved_at,
        coalesce(tickets.sentiment, 0.0) - 0.4 * tickets.is_reopened::int as mood
    from tickets
    inner join account_traits on tickets.account_no = account_traits.account_no
    where
        tickets.merged_into_no is null
        and not account_traits.is_silent
        and not account_traits.is_planted
),

csat as (
    select
        'csat_' || ticket_no as response_id,
        ticket_no as key,
        account_id,
        user_id,
        ticket_id,
        'csat' as kind,
        1 as lowest,
        5 as highest,
        3.9 + 1.6 * mood as center,
        0.7 as spread,
        solved_at + interval 2 hour as sent_at,
        logistic(-0.4 + reply_trait) as reply_chance
    from after_tickets
    where uniform(ticket_no, 'csat') < 0.6
),

ces as (
    select
        'ces_' || ticket_no as response_id,
        ticket_no as key,
        account_id,
        user_id,
        ticket_id,
        'ces' as kind,
        1 as lowest,
        7 as highest,
        5.2 + 2.0 * mood as center,
        1.0 as spread,
        solved_at + interval 3 hour as sent_at,
        logistic(-0.6 + reply_trait) as reply_chance
    from after_tickets
    where uniform(ticket_no, 'ces') < 0.25
),

sent as (
    select * from nps
    union all by name
    select * from csat
    union all by name
    select * from ces
),

answered as (
    select
        *,
        case when uniform(key, kind || ' answered') < reply_chance
            then sent_at + to_minutes((5 + 9000 * pow(uniform(key, kind || ' delay'), 2))::bigint)
        end as answered_at,
        greatest(lowest, least(highest, round(
            center + spread * normal(key, kind || ' score')
        ))) as answer
    from sent
    where is_in_world(sent_at)
)

select
    response_id,
    account_id,
    user_id,
    ticket_id,
    kind,
    case when is_in_world(answered_at) then answer end as score,
    sent_at,
    case when is_in_world(answered_at) then answered_at end as responded_at,
    loaded_after(
        greatest(sent_at, case when is_in_world(answered_at) then answered_at end)::date, 32
    ) as loaded_at
from answered
