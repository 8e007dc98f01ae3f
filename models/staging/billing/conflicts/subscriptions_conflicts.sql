{{ rows_left_out('billing', 'subscriptions', 'conflict_reason') }}
