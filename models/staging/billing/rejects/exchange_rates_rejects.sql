{{ rows_left_out('billing', 'exchange_rates', 'reject_reason') }}
