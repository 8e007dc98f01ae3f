{{ rows_left_out('crm', 'users', 'reject_reason') }}
