{{ rows_left_out('support', 'ticket_events', 'reject_reason') }}
