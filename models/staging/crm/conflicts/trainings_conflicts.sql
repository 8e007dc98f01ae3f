{{ rows_left_out('crm', 'trainings', 'conflict_reason') }}
