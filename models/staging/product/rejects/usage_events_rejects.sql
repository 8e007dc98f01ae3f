{{ rows_left_out('product', 'usage_events', 'reject_reason') }}
