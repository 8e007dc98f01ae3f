-- Ids that several accounts claim. Each account keeps its own row of the id, and all are used. An
-- export that repeats rows under another account shows here. Users and events are left out: many
-- products number people alike, and nothing refers to an event. Two numbers of one account are one
-- account.
{%- set tables = [
    ('base_product__entitlements', 'entitlements', 'entitlement_id'),
    ('base_support__support_tickets', 'support_tickets', 'ticket_id'),
    ('base_support__survey_responses', 'survey_responses', 'response_id'),
    ('base_billing__subscriptions', 'subscriptions', 'subscription_id'),
    ('base_billing__invoices', 'invoices', 'invoice_id'),
    ('base_crm__touchpoints', 'touchpoints', 'touchpoint_id'),
    ('base_crm__pulses', 'pulses', 'pulse_id'),
    ('base_crm__success_goals', 'success_goals', 'goal_id'),
    ('base_crm__advocacy_events', 'advocacy_events', 'advocacy_event_id'),
    ('base_crm__churn_events', 'churn_events', 'churn_event_id'),
    ('base_crm__trainings', 'trainings', 'training_id')
] %}

with mergers as (
    select * from {{ ref('base_crm__mergers') }}
    where is_applied
),

claims as (
    {% for model, table_name, id_column in tables -%}
    select
        '{{ table_name }}' as source_id,
        base.{{ id_column }} as claimed_id,
        coalesce(mergers.merged_into_account_id, base.account_id) as account_id,
        count(*) as row_count
    from {{ ref(model) }} as base
    left join mergers on base.account_id = mergers.account_id
    where base.row_fate = 'staged'
    group by base.{{ id_column }}, coalesce(mergers.merged_into_account_id, base.account_id)
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

shared as (
    select
        source_id,
        claimed_id
    from claims
    group by source_id, claimed_id
    having count(*) > 1
),

things as (
    select
        'ids_shared' as finding_id,
        claims.source_id,
        claims.row_count,
        claims.account_id,
        claims.claimed_id as example
    from claims
    inner join shared
        on claims.source_id = shared.source_id
        and claims.claimed_id = shared.claimed_id
),

final as (
    {{ findings_of('things') }}
)

select * from final
