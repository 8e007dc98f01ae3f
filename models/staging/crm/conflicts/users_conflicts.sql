{{ rows_left_out('crm', 'users', 'conflict_reason') }}
