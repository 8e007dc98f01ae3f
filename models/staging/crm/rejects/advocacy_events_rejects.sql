{{ rows_left_out('crm', 'advocacy_events', 'reject_reason') }}
