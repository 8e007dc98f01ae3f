{{ rows_left_out('support', 'support_tickets', 'conflict_reason') }}
