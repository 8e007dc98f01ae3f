{{ rows_left_out('crm', 'churn_events', 'conflict_reason') }}
