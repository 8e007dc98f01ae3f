{{ rows_left_out('crm', 'accounts', 'reject_reason') }}
