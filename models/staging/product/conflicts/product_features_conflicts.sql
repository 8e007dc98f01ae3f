{{ rows_left_out('product', 'product_features', 'conflict_reason') }}
