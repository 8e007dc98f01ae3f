{{ rows_left_out('billing', 'invoices', 'conflict_reason') }}
