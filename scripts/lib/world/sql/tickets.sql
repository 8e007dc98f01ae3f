-- One row per ticket with its whole story, also what happens after the end of the world. Trouble
-- brings tickets, but so does use: who hardly uses the product hardly asks. The keen ask most when
-- all is well.
with expected as (
    select
        account_weeks.*,
        account_traits.account_id,
        account_traits.first_day,
        $ticket_rate * sqrt(account_weeks.seats / 10.0)
        * exp(
            -$ticket_per_health * account_weeks.health
            * case when account_traits.is_keen then -1 else 1 end
        )
        * account_traits.ticket_level
        * (0.4 + 0.6 * account_weeks.active_users / account_weeks.seats)
        * case when account_weeks.spell_week < 8 then 1.8 else 1.0 end
        * (account_weeks.last_dow - account_weeks.first_dow + 1) / 7.0 as rate,
        week_key(account_weeks.account_no, account_weeks.week) as week_key
    from account_weeks
    inner join account_traits on account_weeks.account_no = account_traits.account_no
    where not account_traits.is_quiet
),

numbered as (
    select
        *,
        week_key * 1000
        + unnest(range(floor(rate + uniform(week_key, 'tickets'))::bigint)) as ticket_no
    from expected
),

drawn as (
    select
        *,
        7 * week + first_dow
        + floor((last_dow - first_dow + 1) * uniform(ticket_no, 'ticket day'))::int as day,
        pick(
            [
                'login', 'permissions', 'import_errors', 'export', 'billing', 'performance',
                'notifications', 'integrations', 'reports', 'mobile', 'pricing', 'templates'
            ],
            -- Each account has a topic of its own that comes again and again.
            case
                when uniform(ticket_no, 'usual topic') < 0.3 then uniform(account_no, 'own topic')
                else uniform(ticket_no, 'topic')
            end
        ) as drawn_topic,
        case
            when uniform(ticket_no, 'kind') < logistic(-0.6 - $defect_per_health * health)
                then 'defect'
            when uniform(ticket_no, 'how to') < case when spell_week < 12 then 0.75 else 0.5 end
                then 'how_to'
            else 'question'
        end as kind,
        normal(ticket_no, 'severity') - $severity_per_health * health as gravity
    from numbered
),

ordinary as (
    select
        account_no,
        account_id,
        ticket_no,
        at_work(day, uniform(ticket_no, 'opened')) as opened_at,
        case
            when uniform(ticket_no, 'asker known') < 0.95 then holder_id(
                account_no,
                1 + floor(active_users * pow(uniform(ticket_no, 'asker'), 1.5))::int,
                first_day,
                day
            )
        end as user_id,
        case
            when uniform(ticket_no, 'product known') < 0.2 then null
            when has_insights and uniform(ticket_no, 'product') < 0.25 then 'insights'
            when has_automate and uniform(ticket_no, 'product') > 0.75 then 'automate'
            else 'workspace'
        end as product_id,
        drawn_topic,
        kind,
        case
            when gravity > 2.2 then 'critical'
            when gravity > 1.2 then 'high'
            when gravity > -0.6 then 'normal'
            else 'low'
        end as severity,
        case
            when uniform(ticket_no, 'tone known') < 0.95 then greatest(-1.0, least(1.0,
                0.1 + $sentiment_per_health * health - 0.1 * greatest(gravity, 0.0)
                + 0.3 * normal(ticket_no, 'tone')
            ))
        end as sentiment
    from drawn
),

followed as (
    select
        *,
        lag(ticket_no) over account_order as previous_no,
        lag(drawn_topic) over account_order as previous_topic,
        lag(opened_at) over account_order as previous_opened_at,
        row_number() over account_order as number_in_account
    from ordinary
    window account_order as (partition by account_no order by opened_at, ticket_no)
),

-- Every other ticket can be merged into the one before it, so that no merge points at a merge.
merged as (
    select
        *,
        number_in_account % 2 = 0
        and opened_at < previous_opened_at + interval 14 day
        and uniform(ticket_no, 'merged') < $merge_chance as is_merged
    from followed
),

planted_tickets as (
    select *
    from (
        values
        ('pricing_three_days', 1, 57, 'question', 'pricing', null),
        ('pricing_with_gap', 1, 56, 'question', 'pricing', null),
        ('pricing_six_days', 1, 54, 'question', 'pricing', null),
        ('repeat_topic', 1, 50, 'how_to', 'import_errors', null),
        ('repeat_topic', 2, 20, 'how_to', 'import_errors', null),
        ('repeat_topic', 3, 18, 'how_to', 'import_errors', 2)
    ) as planted_tickets (case_name, number, days_before_end, kind, topic, merged_into)
),

told as (
    select
        account_no,
        account_id,
        ticket_no,
        opened_at,
        user_id,
        product_id,
        case when is_merged then previous_topic else drawn_topic end as topic,
        kind,
        severity,
        sentiment,
        case when is_merged then previous_no end as merged_into_no
    from merged
    union all by name
    select
        account_traits.account_no,
        account_traits.account_id,
        account_traits.account_no::bigint * 1000000 + planted_tickets.number as ticket_no,
        at_work($days - planted_tickets.days_before_end, 0.5) as opened_at,
        user_id(account_traits.account_no, 1, 0) as user_id,
        'workspace' as product_id,
        planted_tickets.topic,
        planted_tickets.kind,
        'normal' as severity,
        0.1 as sentiment,
        account_traits.account_no::bigint * 1000000 + planted_tickets.merged_into as merged_into_no
    from planted_tickets
    inner join account_traits on planted_tickets.case_name = account_traits.case_name
),

answered as (
    select
        *,
        opened_at + to_minutes((
            2 + 110 * exp(0.8 * normal(ticket_no, 'answer'))
            * case severity
                when 'critical' then 0.3 when 'high' then 0.6 when 'low' then 1.8 else 1
            end
        )::bigint) as first_responded_at,
        merged_into_no is null and uniform(ticket_no, 'reopened') < $reopen_chance as is_reopened
    from told
),

solved as (
    select
        *,
        case
            when merged_into_no is not null then first_responded_at
            when uniform(ticket_no, 'stays open') < 0.03 then null
            else first_responded_at + to_minutes((
                5 + 1200 * exp(1.0 * normal(ticket_no, 'solution'))
            )::bigint)
        end as first_resolved_at
    from answered
),

reopened as (
    select
        *,
        case when is_reopened
            then first_resolved_at + to_minutes((60 + 8000 * uniform(ticket_no, 'again'))::bigint)
        end as reopened_at
    from solved
)

select
    *,
    reopened_at + to_minutes((60 + 4000 * uniform(ticket_no, 'again solved'))::bigint)
        as resolved_again_at,
    'tkt_' || ticket_no as ticket_id
from reopened
