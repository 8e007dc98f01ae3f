{{ rows_left_out('crm', 'pulses', 'reject_reason') }}
