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
        sum(case when is_severe then 1 else 0 end) as severe_tickets
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

ticket_steps as (
    select
        account_id,
        ticket_id,
        status,
        activity_date,
        lead(activity_date) over (
            partition by account_id, ticket_id, status
            order by activity_date
        ) as next_activity_date
    from ticket_days
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
)

select * from final
