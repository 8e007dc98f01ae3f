{{ rows_left_out('support', 'survey_responses', 'reject_reason') }}
