-- Source × account × day with rows: from when an account is known to a source, and whether a source
-- still speaks. Usage comes from the roll-up, so that events are not read again.
{%- set dated_sources = [
    ('touchpoints', 'stg_crm__touchpoints', 'occurred_at', 'occurred_at'),
    ('touchpoints.user_id', 'stg_crm__touchpoints', 'occurred_at', 'user_id'),
    ('touchpoints.is_two_way', 'stg_crm__touchpoints', 'occurred_at', 'is_two_way'),
    ('touchpoints.attended', 'stg_crm__touchpoints', 'occurred_at', 'attended'),
    ('pulses', 'stg_crm__pulses', 'set_at', 'set_at'),
    ('success_goals', 'stg_crm__success_goals', 'status_changed_at', 'status_changed_at'),
    ('advocacy_events', 'stg_crm__advocacy_events', 'occurred_at', 'occurred_at'),
    ('churn_events', 'stg_crm__churn_events', 'notice_given_on', 'notice_given_on'),
    ('trainings', 'stg_crm__trainings', 'completed_at', 'completed_at'),
    ('entitlements', 'stg_product__entitlements', 'starts_on', 'starts_on'),
    ('support_tickets', 'stg_support__support_tickets', 'opened_at', 'opened_at'),
    ('support_tickets.severity', 'stg_support__support_tickets', 'opened_at', 'severity'),
    ('support_tickets.topic', 'stg_support__support_tickets', 'opened_at', 'topic'),
    ('support_tickets.kind', 'stg_support__support_tickets', 'opened_at', 'kind'),
    ('support_tickets.sentiment', 'stg_support__support_tickets', 'opened_at', 'sentiment'),
    (
        'support_tickets.first_responded_at', 'stg_support__support_tickets',
        'opened_at', 'first_responded_at'
    ),
    ('ticket_events', 'stg_support__ticket_events', 'occurred_at', 'occurred_at'),
    ('survey_responses', 'stg_support__survey_responses', 'responded_at', 'responded_at'),
    ('survey_responses.sent_at', 'stg_support__survey_responses', 'sent_at', 'sent_at'),
    (
        'survey_responses.nps', 'stg_support__survey_responses',
        'responded_at', "case when kind = 'nps' then score end"
    ),
    (
        'survey_responses.csat', 'stg_support__survey_responses',
        'responded_at', "case when kind = 'csat' then score end"
    ),
    (
        'survey_responses.ces', 'stg_support__survey_responses',
        'responded_at', "case when kind = 'ces' then score end"
    ),
    ('subscriptions', 'stg_billing__subscriptions', 'starts_on', 'starts_on'),
    (
        'subscriptions.notice_given_on', 'stg_billing__subscriptions',
        'notice_given_on', 'notice_given_on'
    ),
    ('subscriptions.renewal_date', 'stg_billing__subscriptions', 'starts_on', 'renewal_date'),
    ('subscriptions.auto_renews', 'stg_billing__subscriptions', 'starts_on', 'auto_renews'),
    ('invoices', 'stg_billing__invoices', 'issued_on', 'issued_on'),
    ('payments', 'stg_billing__payments', 'occurred_on', 'occurred_on'),
] %}

with usage_days as {{ materialized() }} (
    select
        account_id,
        activity_date,
        sum(events) as events,
        sum(case when user_id is not null then events else 0 end) as events_of_people,
        sum(timed_events) as timed_events,
        sum(watched_events) as watched_events
    from {{ ref('int_activity__user_days') }}
    group by account_id, activity_date
),

first_terms as (
    select
        account_id,
        min(starts_on) as starts_on
    from {{ ref('stg_billing__subscriptions') }}
    group by account_id
),

-- Who has no date has been there as long as the account has been a customer.
users as (
    select
        users.account_id,
        users.role,
        users.is_executive_sponsor,
        users.is_champion,
        coalesce(cast(users.created_at as date), first_terms.starts_on) as present_from
    from {{ ref('stg_crm__people') }} as users
    left join first_terms on users.account_id = first_terms.account_id
    where users.account_id is not null
),

final as (
    {% for source_id, model, date_column, filled_column in dated_sources -%}
    select
        '{{ source_id }}' as source_id,
        account_id,
        cast({{ date_column }} as date) as activity_date,
        count(*) as row_count
    from {{ ref(model) }}
    where {{ date_column }} is not null and {{ filled_column }} is not null
    group by account_id, cast({{ date_column }} as date)
    union all
    {% endfor -%}
    {% for source_id, filled_column in [
        ('users', 'present_from'),
        ('users.role', 'role'),
        ('users.is_executive_sponsor', 'is_executive_sponsor'),
        ('users.is_champion', 'is_champion'),
    ] -%}
    select
        '{{ source_id }}' as source_id,
        account_id,
        present_from as activity_date,
        count(*) as row_count
    from users
    where present_from is not null and {{ filled_column }} is not null
    group by account_id, present_from
    union all
    {% endfor -%}
    {%- for source_id, rows in [
        ('usage_events', 'events'),
        ('usage_events.user_id', 'events_of_people'),
        ('usage_events.duration_seconds', 'timed_events'),
        ('usage_events.error_count', 'watched_events'),
    ] %}
    {{ 'union all' if not loop.first }}
    select
        '{{ source_id }}' as source_id,
        account_id,
        activity_date,
        cast({{ rows }} as bigint) as row_count
    from usage_days
    where {{ rows }} > 0
    {%- endfor %}
)

select * from final
