{{ rows_left_out('product', 'products', 'reject_reason') }}
