-- Support as measure facts (columns: int_signals__usage_measures).
with tickets as (
    select * from {{ ref('int_activity__tickets') }}
),

ticket_days as (
    select * from {{ ref('int_activity__ticket_days') }}
),

csat_responses as (
    select
        account_id,
        cast(responded_at as date) as responded_on,
        sum(score) as score,
        count(*) as responses
    from {{ ref('stg_support__survey_responses') }}
    where kind = 'csat' and score is not null and responded_at is not null
    group by account_id, cast(responded_at as date)
),

daily_tickets as (
    select
        account_id,
        opened_on,
        count(*) as tickets,
        sum(case when is_severe then 1 else 0 end) as severe_tickets,
        sum(case when kind = 'how_to' then 1 else 0 end) as how_to_tickets,
        sum(case when kind in ('how_to', 'defect') then 1 else 0 end) as how_to_or_defect_tickets,
        -- Quantities have two decimals, a tone has four.
        sum(100 * sentiment) as sentiment_percent,
        count(sentiment) as tickets_with_sentiment
    from tickets
    group by account_id, opened_on
),

-- A ticket makes its topic a repeat until the one before it on that topic has left the window; from
-- the next ticket on the topic, that ticket's own stretch takes over.
topic_tickets as (
    select
        account_id,
        opened_on,
        lag(opened_on) over (
            partition by account_id, topic
            order by opened_on, ticket_id
        ) as earlier_opened_on,
        lead(opened_on) over (
            partition by account_id, topic
            order by opened_on, ticket_id
        ) as next_opened_on
    from tickets
    where topic is not null
),

first_responses as (
    select
        account_id,
        cast(first_responded_at as date) as responded_on,
        count(*) as tickets,
        sum({{ hours_between('opened_at', 'first_responded_at') }}) as response_hours
    from tickets
    where first_responded_at is not null
    group by account_id, cast(first_responded_at as date)
),

-- A ticket that is resolved again took until then, from that day on.
ticket_steps as (
    select
        ticket_days.account_id,
        ticket_days.ticket_id,
        ticket_days.status,
        ticket_days.activity_date,
        lead(ticket_days.activity_date) over (
            partition by ticket_days.account_id, ticket_days.ticket_id, ticket_days.status
            order by ticket_days.activity_date
        ) as next_activity_date,
        {{ hours_between('tickets.opened_at', 'ticket_days.last_changed_at') }}
            as hours_since_opened
    from ticket_days
    inner join tickets
        on ticket_days.account_id = tickets.account_id
        and ticket_days.ticket_id = tickets.ticket_id
),

final as (
    select
        'tickets_opened' as measure_id,
        account_id,
        'all' as product_id,
        opened_on as fact_date,
        opened_on as aging_date,
        cast(null as date) as until_date,
        cast(tickets as decimal(18, 2)) as quantity
    from daily_tickets

    union all

    select
        'severe_tickets' as measure_id,
        account_id,
        'all' as product_id,
        opened_on as fact_date,
        opened_on as aging_date,
        cast(null as date) as until_date,
        cast(severe_tickets as decimal(18, 2)) as quantity
    from daily_tickets
    where severe_tickets > 0

    union all

    select
        'repeat_topics' as measure_id,
        account_id,
        'all' as product_id,
        opened_on as fact_date,
        earlier_opened_on as aging_date,
        next_opened_on as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from topic_tickets
    where earlier_opened_on is not null

    union all

    select
        case status
            when 'resolved' then 'tickets_resolved'
            else 'tickets_reopened'
        end as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        next_activity_date as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from ticket_steps
    where status in ('resolved', 'reopened')

    union all

    select
        'csat_score' as measure_id,
        account_id,
        'all' as product_id,
        responded_on as fact_date,
        responded_on as aging_date,
        cast(null as date) as until_date,
        cast(score as decimal(18, 2)) as quantity
    from csat_responses

    union all

    select
        'csat_responses' as measure_id,
        account_id,
        'all' as product_id,
        responded_on as fact_date,
        responded_on as aging_date,
        cast(null as date) as until_date,
        cast(responses as decimal(18, 2)) as quantity
    from csat_responses

    union all

    select
        'how_to_tickets' as measure_id,
        account_id,
        'all' as product_id,
        opened_on as fact_date,
        opened_on as aging_date,
        cast(null as date) as until_date,
        cast(how_to_tickets as decimal(18, 2)) as quantity
    from daily_tickets
    where how_to_tickets > 0

    union all

    select
        'how_to_or_defect_tickets' as measure_id,
        account_id,
        'all' as product_id,
        opened_on as fact_date,
        opened_on as aging_date,
        cast(null as date) as until_date,
        cast(how_to_or_defect_tickets as decimal(18, 2)) as quantity
    from daily_tickets
    where how_to_or_defect_tickets > 0

    union all

    select
        'ticket_sentiment' as measure_id,
        account_id,
        'all' as product_id,
        opened_on as fact_date,
        opened_on as aging_date,
        cast(null as date) as until_date,
        cast(sentiment_percent as decimal(18, 2)) as quantity
    from daily_tickets
    where tickets_with_sentiment > 0

    union all

    select
        'tickets_with_sentiment' as measure_id,
        account_id,
        'all' as product_id,
        opened_on as fact_date,
        opened_on as aging_date,
        cast(null as date) as until_date,
        cast(tickets_with_sentiment as decimal(18, 2)) as quantity
    from daily_tickets
    where tickets_with_sentiment > 0

    union all

    select
        'first_response_hours' as measure_id,
        account_id,
        'all' as product_id,
        responded_on as fact_date,
        responded_on as aging_date,
        cast(null as date) as until_date,
        cast(response_hours as decimal(18, 2)) as quantity
    from first_responses

    union all

    select
        'tickets_responded' as measure_id,
        account_id,
        'all' as product_id,
        responded_on as fact_date,
        responded_on as aging_date,
        cast(null as date) as until_date,
        cast(tickets as decimal(18, 2)) as quantity
    from first_responses

    union all

    select
        'resolution_hours' as measure_id,
        account_id,
        'all' as product_id,
        activity_date as fact_date,
        activity_date as aging_date,
        next_activity_date as until_date,
        hours_since_opened as quantity
    from ticket_steps
    where status = 'resolved'
)

select * from final
