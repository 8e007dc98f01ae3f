{{ rows_left_out('billing', 'invoices', 'reject_reason') }}
