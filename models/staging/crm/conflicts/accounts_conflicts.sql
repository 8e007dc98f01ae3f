{{ rows_left_out('crm', 'accounts', 'conflict_reason') }}
