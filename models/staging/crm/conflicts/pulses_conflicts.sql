{{ rows_left_out('crm', 'pulses', 'conflict_reason') }}
