{#-
    The tables of the raw contract as source, table and the expression that dates a row: known while
    dbt parses, which the sources files are not.
-#}
{% macro contract_tables() -%}
    {{ return([
        ('crm', 'accounts', 'valid_from'),
        ('crm', 'users', 'created_at'),
        ('crm', 'touchpoints', 'occurred_at'),
        ('crm', 'pulses', 'set_at'),
        ('crm', 'success_goals', 'status_changed_at'),
        ('crm', 'advocacy_events', 'occurred_at'),
        ('crm', 'churn_events', 'notice_given_on'),
        ('crm', 'trainings', 'completed_at'),
        ('crm', 'calendar_days', 'calendar_date'),
        ('product', 'products', 'loaded_at'),
        ('product', 'product_features', 'loaded_at'),
        ('product', 'entitlements', 'starts_on'),
        ('product', 'usage_events', 'occurred_at'),
        ('support', 'support_tickets', 'opened_at'),
        ('support', 'ticket_events', 'occurred_at'),
        ('support', 'survey_responses', 'coalesce(responded_at, sent_at)'),
        ('billing', 'subscriptions', 'starts_on'),
        ('billing', 'invoices', 'issued_on'),
        ('billing', 'payments', 'occurred_on'),
        ('billing', 'exchange_rates', 'valid_from'),
    ]) }}
{%- endmacro %}
