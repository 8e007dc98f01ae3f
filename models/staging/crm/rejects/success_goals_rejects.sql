{{ rows_left_out('crm', 'success_goals', 'reject_reason') }}
