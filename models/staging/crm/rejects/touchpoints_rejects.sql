{{ rows_left_out('crm', 'touchpoints', 'reject_reason') }}
