{{ rows_left_out('crm', 'success_goals', 'conflict_reason') }}
