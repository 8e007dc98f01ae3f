{{ rows_left_out('support', 'ticket_events', 'conflict_reason') }}
