{{ rows_left_out('crm', 'advocacy_events', 'conflict_reason') }}
