{{ rows_left_out(
    'product', 'usage_events', 'conflict_reason', 'base_product__repeated_usage_events'
) }}
