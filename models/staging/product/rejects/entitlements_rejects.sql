{{ rows_left_out('product', 'entitlements', 'reject_reason') }}
