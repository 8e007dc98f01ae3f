{{ rows_left_out('support', 'survey_responses', 'conflict_reason') }}
