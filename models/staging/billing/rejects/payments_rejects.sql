{{ rows_left_out('billing', 'payments', 'reject_reason') }}
