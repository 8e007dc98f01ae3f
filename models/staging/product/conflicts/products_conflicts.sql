{{ rows_left_out('product', 'products', 'conflict_reason') }}
