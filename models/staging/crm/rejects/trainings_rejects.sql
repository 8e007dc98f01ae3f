{{ rows_left_out('crm', 'trainings', 'reject_reason') }}
