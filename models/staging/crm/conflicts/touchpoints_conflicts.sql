{{ rows_left_out('crm', 'touchpoints', 'conflict_reason') }}
