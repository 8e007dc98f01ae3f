{{ rows_left_out('billing', 'subscriptions', 'reject_reason') }}
