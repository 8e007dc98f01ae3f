{{ rows_left_out('product', 'entitlements', 'conflict_reason') }}
