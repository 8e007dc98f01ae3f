-- Events of the account-weeks in event_weeks. Use comes in sessions: one person, one day, one
-- start. How many events a session holds differs between accounts, so consistency and volume do.
-- No joins here: this query makes every event of the world, and a hundred million pass through it.
with numbered as (
    select
        *,
        unnest(range(events)) as event_in_week
    from event_weeks
    where events > 0
),

keyed as (
    select
        *,
        week_key * 1000000 + event_in_week as event_no,
        week_key * 1000000 + event_in_week // session_size as session_no,
        event_in_week % session_size as event_in_session
    from numbered
),

sessions as (
    select
        *,
        from_weight + (to_weight - from_weight) * uniform(session_no, 'session day') as passed,
        1 + floor(active_users * pow(uniform(session_no, 'session user'), 1.5))::int as slot,
        is_api_heavy and has_automate and uniform(session_no, 'machine') < 0.8 as is_machine,
        has_internal_user and uniform(session_no, 'internal') < 0.1 as is_internal,
        28800 + 18000 * (uniform(session_no, 'start') + uniform(session_no, 'start again'))
        - 3600 * utc_offset as start_second
    from keyed
),

placed as (
    select
        *,
        7 * week
        + (passed >= by_0)::int + (passed >= by_1)::int + (passed >= by_2)::int
        + (passed >= by_3)::int + (passed >= by_4)::int + (passed >= by_5)::int as day,
        -- Days are UTC days: a session that would leave its day comes round to the other end of it.
        case
            when is_machine then floor(86400 * uniform(event_no, 'second'))
            else floor(
                start_second + 180 * event_in_session + 120 * uniform(event_no, 'second') + 86400
            ) % 86400
        end::bigint as second,
        uniform(event_no, 'product') as product_draw,
        uniform(event_no, 'feature') as feature_draw,
        uniform(event_no, 'special') as special_draw
    from sessions
),

chosen as (
    select
        *,
        case
            when is_machine then 'automate'
            when has_automate and product_draw < 0.2 then 'automate'
            when has_insights and product_draw > 0.7 then 'insights'
            else 'workspace'
        end as product_id
    from placed
),

named as (
    select
        *,
        case
            when is_machine and special_draw < 0.75 then 'api_call'
            when is_machine then 'webhook'
            when product_id = 'workspace' and event_in_session = 0 and special_draw < 0.4
                then 'login'
            -- Quiet accounts are planted cases: the pricing page is theirs by script only.
            when product_id = 'workspace' and special_draw > 0.995 and not is_quiet
                then 'pricing_page'
            -- The broader the use, the further down the list of popular features it goes.
            when product_id = 'workspace' then pick(
                [$workspace_features],
                greatest(breadth, 2.0 / $workspace_count) * pow(feature_draw, 1.6)
            )
            when product_id = 'insights' then pick(
                [$insights_features],
                greatest(breadth, 2.0 / $insights_count) * pow(feature_draw, 1.6)
            )
            else pick(
                [$automate_features],
                greatest(breadth, 2.0 / $automate_count) * pow(feature_draw, 1.6)
            )
        end as feature_key
    from chosen
)

select
    'e' || event_no as event_id,
    account_id(account_no) as account_id,
    case
        when is_machine then null
        when is_internal then user_id(account_no, 0, 0)
        else holder_id(account_no, slot, first_day, day)
    end as user_id,
    product_id,
    feature_key,
    on_day(day)::timestamp + to_seconds(second) as occurred_at,
    case
        when is_machine then 1 + floor(200 * pow(uniform(event_no, 'quantity'), 2))
        when feature_key in ('upload_file', 'export_csv')
            then 1 + floor(5 * uniform(event_no, 'quantity'))
    end::bigint as quantity,
    case
        when is_machine or feature_key = 'login' then null
        else 15 + floor(1200 * pow(uniform(event_no, 'duration'), 3))
    end::bigint as duration_seconds,
    case
        when feature_key = 'login' then null
        else floor(
            $error_rate * exp(-$error_per_health * health)
            + uniform(event_no, 'errors')
        )
    end::bigint as error_count,
    loaded_after(on_day(day), 5) as loaded_at,
    week
from named
