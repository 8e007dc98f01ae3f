{{ rows_left_out('billing', 'payments', 'conflict_reason') }}
