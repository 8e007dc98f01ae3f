{{ rows_left_out('support', 'support_tickets', 'reject_reason') }}
