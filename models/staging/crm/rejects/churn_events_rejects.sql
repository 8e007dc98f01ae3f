{{ rows_left_out('crm', 'churn_events', 'reject_reason') }}
