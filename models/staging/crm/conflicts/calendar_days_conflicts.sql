{{ rows_left_out('crm', 'calendar_days', 'conflict_reason') }}
