-- Surveys as measure facts (columns: int_signals__usage_measures). An answer counts until the same
-- person answers anew; who answers without a name cannot, so each such answer is a person. Of two
-- answers of the same moment the lower one counts.
{%- set kinds = {
    'nps': ('nps_points', 'nps_responses', 'points'),
    'csat': ('latest_csat_score', 'latest_csat_responses', 'score'),
    'ces': ('ces_score', 'ces_responses', 'score'),
} %}

with surveys as (
    select * from {{ ref('int_activity__surveys') }}
),

answers as (
    select
        account_id,
        kind,
        score,
        points,
        answered_on,
        case
            when user_id is not null
                then
                    lead(answered_on) over (
                        partition by account_id, kind, user_id
                        order by responded_at, score desc, response_id
                    )
        end as next_answered_on
    from surveys
    where answered_on is not null
),

final as (
    {%- for kind, (total, count, quantity) in kinds.items() %}
    select
        '{{ total }}' as measure_id,
        account_id,
        'all' as product_id,
        answered_on as fact_date,
        answered_on as aging_date,
        next_answered_on as until_date,
        cast({{ quantity }} as decimal(18, 2)) as quantity
    from answers
    where kind = '{{ kind }}' and {{ quantity }} is not null

    union all

    select
        '{{ count }}' as measure_id,
        account_id,
        'all' as product_id,
        answered_on as fact_date,
        answered_on as aging_date,
        next_answered_on as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from answers
    where kind = '{{ kind }}' and {{ quantity }} is not null

    union all
    {% endfor %}
    select
        'surveys_sent' as measure_id,
        account_id,
        'all' as product_id,
        sent_on as fact_date,
        sent_on as aging_date,
        cast(null as date) as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from surveys
    where sent_on is not null

    union all

    -- It ages with the survey it answers, and counts from the day on which it came.
    select
        'surveys_answered' as measure_id,
        account_id,
        'all' as product_id,
        greatest(sent_on, answered_on) as fact_date,
        sent_on as aging_date,
        cast(null as date) as until_date,
        cast(1 as decimal(18, 2)) as quantity
    from surveys
    where sent_on is not null and answered_on is not null
)

select * from final
