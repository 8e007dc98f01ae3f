{{ rows_left_out('product', 'product_features', 'reject_reason') }}
