{{ rows_left_out('billing', 'exchange_rates', 'conflict_reason') }}
