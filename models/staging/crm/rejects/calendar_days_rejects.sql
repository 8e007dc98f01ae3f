{{ rows_left_out('crm', 'calendar_days', 'reject_reason') }}
