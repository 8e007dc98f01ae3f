-- Events of the account-weeks in event_weeks. Use comes in sessions: one person, one day, one start;
-- how many events a session holds differs between accounts, so consistency and volume differ too.
with expected as (
    select
        event_weeks.*,
        account_traits.account_id,
        account_traits.first_day,
        account_traits.utc_offset,
        account_traits.session_size,
        account_traits.is_api_heavy,
        account_traits.has_internal_user,
        account_traits.is_quiet,
        week_key(event_weeks.account_no, event_weeks.week) as week_key,
        week_weights.by_0,
        week_weights.by_1,
        week_weights.by_2,
        week_weights.by_3,
        week_weights.by_4,
        week_weights.by_5
    from event_weeks
    inner join account_traits on event_weeks.account_no = account_traits.account_no
    inner join week_weights
        on account_traits.region = week_weights.region
        and event_weeks.week = week_weights.week
),

numbered as (
    select
        *,
        unnest(range(
            floor($event_scale * usage_weight + uniform(week_key, 'events'))::bigint
        )) as event_in_week
    from expected
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
        end as special_feature,
        -- The broader the use, the further down the list of features it goes.
        floor(
            greatest(
                2.0,
                breadth * case product_id
                    when 'workspace' then 12 when 'insights' then 8 else 6
                end
            ) * pow(feature_draw, 1.6)
        )::int as popularity
    from chosen
)

select
    'e' || named.event_no as event_id,
    named.account_id,
    case
        when named.is_machine then null
        when named.is_internal then user_id(named.account_no, 0, 0)
        else holder_id(named.account_no, named.slot, named.first_day, named.day)
    end as user_id,
    named.product_id,
    coalesce(named.special_feature, features.feature_key) as feature_key,
    on_day(named.day)::timestamp + to_seconds(named.second) as occurred_at,
    case
        when named.is_machine then 1 + floor(200 * pow(uniform(named.event_no, 'quantity'), 2))
        when features.feature_key in ('upload_file', 'export_csv')
            then 1 + floor(5 * uniform(named.event_no, 'quantity'))
    end::bigint as quantity,
    case
        when named.is_machine or named.special_feature = 'login' then null
        else 15 + floor(1200 * pow(uniform(named.event_no, 'duration'), 3))
    end::bigint as duration_seconds,
    case
        when coalesce(named.special_feature, '') = 'login' then null
        else floor(
            $error_rate * exp(-$error_per_health * named.health)
            + uniform(named.event_no, 'errors')
        )
    end::bigint as error_count,
    loaded_after(on_day(named.day), 5) as loaded_at,
    named.week
from named
left join features
    on named.product_id = features.product_id
    and named.popularity = features.popularity
