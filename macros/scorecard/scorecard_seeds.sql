{#-
    What each scorecard seed must look like: its key, and what every cell must spell: text, lower
    (text in small letters), number, coefficient (a number of many decimals), whole (a whole number
    from 0), date, or one of a list of words. Seeds are loaded as text, so that a bad cell becomes a
    message that names seed, row and mend, and not an error of some cast.
-#}
{% macro scorecard_seeds() -%}
    {{ return({
        'signals': {
            'key': ['signal_id'],
            'cells': {
                'label': 'text', 'family': 'text', 'grain': ['account', 'product'],
                'calculation': ['ratio', 'recency', 'slope', 'anomaly', 'percentile', 'pace'],
                'numerator': 'text', 'numerator_window_days': 'whole', 'denominator': 'text',
                'denominator_window_days': 'whole', 'denominator_offset_days': 'whole',
                'multiplier': 'number',
                'zero_denominator': ['missing', 'not_applicable', 'silent'], 'scale': 'text',
                'sources': 'text', 'known_by': ['account', 'company'],
                'min_history_days': 'whole', 'fresh_days': 'whole', 'stale_after_days': 'whole',
                'rest_days_to_suppress': 'whole', 'min_count': 'whole', 'unit': 'text',
                'formula': 'text',
            },
        },
        'measures': {
            'key': ['measure_id'],
            'cells': {
                'family': 'text', 'grain': ['account', 'product'],
                'counts': ['sum', 'distinct', 'level'], 'meaning': 'text',
            },
        },
        'sources': {
            'key': ['source_id', 'valid_from'],
            'cells': {
                'table_name': 'text', 'late_after_days': 'whole', 'late_after_rows': 'number',
                'rate_window_days': 'whole', 'max_late_share': 'number',
                'usual_gap_share': 'number', 'gap_tolerance': 'number',
            },
        },
        'lifecycle': {
            'key': ['setting', 'valid_from'],
            'cells': {'value': 'whole', 'unit': 'text', 'meaning': 'text'},
        },
        'adoption': {
            'key': ['product_id', 'valid_from'],
            'cells': {'min_uses': 'whole', 'min_users': 'whole', 'steady_minutes': 'whole'},
        },
        'ticket_severities': {
            'key': ['severity', 'valid_from'],
            'cells': {'severity': 'lower', 'is_severe': ['true', 'false']},
        },
        'survey_groups': {
            'key': ['kind', 'valid_from', 'lowest_score'],
            'cells': {
                'kind': ['nps', 'csat', 'ces'], 'group_id': 'text', 'lowest_score': 'number',
                'points': 'number',
            },
        },
        'answer_limits': {
            'key': ['signal_id'],
            'cells': {
                'min_answers': 'number', 'min_answers_per_seat': 'number',
                'min_freshness': 'number', 'max_thin_share': 'number',
            },
        },
        'pulse_levels': {
            'key': ['value', 'valid_from'],
            'cells': {'value': ['green', 'yellow', 'red'], 'level': 'number'},
        },
        'tasks': {
            'key': ['signal_id', 'state_reason'],
            'cells': {
                'state_reason': [
                    'not_entitled', 'source_off', 'too_young', 'calendar', 'source_empty',
                    'source_late', 'source_not_covering', 'not_known', 'stale',
                    'nothing_to_measure', 'no_scale', 'observed'
                ],
                'operator': ['none', 'at_least', 'at_most', 'above', 'below'],
                'value': 'number', 'task_id': 'text', 'task': 'text',
            },
        },
        'scorecards': {
            'key': ['scorecard_id', 'scorecard_version'],
            'cells': {
                'valid_from': 'date', 'status': ['live', 'shadow', 'expansion'],
                'extends_scorecard_id': 'text', 'extends_version': 'whole',
                'min_coverage': 'number', 'min_dimension_coverage': 'number',
                'min_dimensions': 'whole', 'hold_days': 'whole', 'margin': 'number',
                'author': 'text', 'note': 'text',
            },
        },
        'dimensions': {
            'key': ['scorecard_id', 'scorecard_version', 'dimension_id'],
            'cells': {'weight': 'number'},
        },
        'scorecard_signals': {
            'key': ['scorecard_id', 'scorecard_version', 'signal_id'],
            'cells': {'dimension_id': 'text', 'weight': 'number', 'curve_id': 'text'},
        },
        'product_weights': {
            'key': ['scorecard_id', 'scorecard_version', 'product_id', 'signal_id'],
            'cells': {'weight': 'number'},
        },
        'point_rules': {
            'key': ['scorecard_id', 'scorecard_version', 'rule_id'],
            'cells': {
                'points': 'number', 'completion_days': 'whole', 'expires_after_days': 'whole',
                'cooldown_days': 'whole', 'limit_points': 'number', 'label': 'text',
            },
        },
        'point_rule_steps': {
            'key': ['rule_id', 'step_number'],
            'cells': {
                'event_kind': event_kinds() | list, 'event_key': 'text',
                'consecutive_days': 'whole',
            },
        },
        'risk_caps': {
            'key': ['scorecard_id', 'scorecard_version', 'cap_id'],
            'cells': {
                'signal_id': 'text', 'operator': ['at_least', 'at_most', 'above', 'below'],
                'value': 'number', 'max_score': 'number', 'max_band': 'text',
                'label': 'text',
            },
        },
        'curves': {
            'key': ['curve_id', 'x'],
            'cells': {'points': 'number'},
        },
        'bands': {
            'key': ['scorecard_id', 'scorecard_version', 'band_id'],
            'cells': {'lower_bound': 'number', 'upper_bound': 'number'},
        },
        'segments': {
            'key': ['segment_id', 'attribute', 'operator', 'value', 'valid_from'],
            'cells': {
                'priority': 'whole', 'operator': ['is', 'is_not', 'in', 'at_least', 'below'],
                'scorecard_id': 'text', 'valid_to': 'date', 'note': 'text',
            },
        },
        'outcome_horizons': {
            'key': ['horizon_id'],
            'cells': {
                'horizon_days': 'whole', 'gap_days': 'whole', 'interval_z': 'number',
                'meaning': 'text',
            },
        },
        'churn_models': {
            'key': ['model_id'],
            'cells': {
                'horizon_id': 'text', 'valid_from': 'date', 'interval_z': 'number',
                'author': 'text', 'note': 'text',
            },
        },
        'churn_model_terms': {
            'key': ['model_id', 'term'],
            'cells': {'coefficient': 'coefficient', 'reference_value': 'number'},
        },
        'churn_model_covariances': {
            'key': ['model_id', 'term', 'other_term'],
            'cells': {'covariance': 'coefficient'},
        },
        'release_limits': {
            'key': ['limit_id'],
            'cells': {'value': 'number', 'unit': 'text', 'meaning': 'text'},
        },
        'drift_limits': {
            'key': ['setting'],
            'cells': {'value': 'number', 'unit': 'text', 'meaning': 'text'},
        },
        'scorecard_lints': {
            'key': ['lint_id', 'applies_to'],
            'cells': {
                'lint_id': [
                    'max_signals', 'family_above_percent', 'family_below_percent',
                    'max_signal_percent', 'max_age_months'
                ],
                'value': 'number', 'unit': 'text', 'meaning': 'text',
            },
        },
        'unit_checks': {
            'key': ['check_id'],
            'cells': {
                'position': 'whole', 'source_id': 'text', 'column_name': 'text',
                'kind': ['nps', 'csat', 'ces', 'none'], 'side': ['above', 'below'],
                'threshold': 'number', 'operator': ['at_least', 'at_most'], 'share': 'number',
                'min_rows': 'whole', 'looks_like': 'text',
            },
        },
        'finding_wordings': {
            'key': ['finding_id'],
            'cells': {'position': 'whole', 'says': 'text', 'mend': 'text'},
        },
        'milestones': {
            'key': ['milestone_id', 'valid_from'],
            'cells': {
                'segment_id': 'text', 'product_id': 'text', 'position': 'whole', 'label': 'text',
                'event_kind': ['none'] + (event_kinds() | list), 'event_key': 'text',
                'signal_id': 'text', 'operator': ['at_least', 'at_most'], 'value': 'number',
                'due_days': 'whole', 'is_first_value': ['true', 'false'],
            },
        },
        'account_overrides': {
            'key': ['override_id'],
            'cells': {
                'account_id': 'text', 'signal_id': 'text',
                'field': ['scale_factor', 'weight', 'curve_id'], 'value': 'text',
                'valid_from': 'date', 'valid_to': 'date', 'author': 'text', 'reason': 'text',
            },
        },
    }) }}
{%- endmacro %}


{#-
    All columns of all scorecard seeds: seed, column, what a cell spells (as above; name for what
    other seeds refer to, word for one of a list), and the list with commas between.
-#}
{% macro scorecard_cells() -%}
    {%- set key_kinds = {
        'scorecard_version': 'whole', 'step_number': 'whole', 'x': 'number', 'valid_from': 'date'
    } -%}
    {%- set cells = [] -%}
    {%- for seed, shape in scorecard_seeds().items() -%}
        {%- for column in shape.key if column not in shape.cells -%}
            {%- do cells.append((seed, column, key_kinds.get(
                column, 'name' if column.endswith('_id') else 'text'), '')) -%}
        {%- endfor -%}
        {%- for column, kind in shape.cells.items() -%}
            {%- if kind is string -%}
                {%- do cells.append((seed, column, kind, '')) -%}
            {%- else -%}
                {%- do cells.append((seed, column, 'word', kind | join(', '))) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(cells) }}
{%- endmacro %}


{#- The columns of a seed as one text: how a message names its row. -#}
{% macro row_key(columns, relation=none) -%}
    {%- for column in columns -%}
        coalesce({{ relation ~ '.' if relation }}{{ column }}, '(blank)')
        {{- " || '/' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#-
    Events that a rule may wait for, with the keys each may have; none where the key is the raw
    data's own word, or the group of an answer. The key any stands for all of a kind.
-#}
{% macro event_kinds() -%}
    {%- set polarities = ['positive', 'neutral', 'negative'] -%}
    {%- set directions = ['inbound', 'outbound'] -%}
    {{ return({
        'feature': none,
        'ticket': ['how_to', 'defect', 'question'],
        'meeting': directions, 'call': directions, 'email': directions,
        'webinar': directions, 'social': directions,
        'training': none,
        'goal': ['planned', 'in_progress', 'achieved', 'missed', 'cancelled'],
        'review': polarities, 'reference': polarities, 'referral': polarities,
        'nps': none, 'csat': none, 'ces': none,
    }) }}
{%- endmacro %}


{#- Attributes that a segment rule may look at: columns of int_accounts__periods. -#}
{% macro segment_attributes() -%}
    {{ return({
        'text': [
            'plan', 'industry', 'use_case', 'region', 'lifecycle_stage', 'owner_id',
            'parent_account_id'
        ],
        'number': ['seats', 'employees', 'students', 'recurring_revenue', 'tenure_days'],
    }) }}
{%- endmacro %}


{#- Stages of the lifecycle: what an account row or a segment rule may name. -#}
{% macro lifecycle_stages() -%}
    {{ return([
        'trial', 'onboarding', 'adopted', 'renewal', 'notice_given', 'churned', 'reactivated'
    ]) }}
{%- endmacro %}


{#- Attributes that a signal may be scaled by: columns of int_accounts__as_of. -#}
{% macro scale_attributes() -%}
    {{ return(['seats', 'average_seats', 'employees', 'students', 'recurring_revenue']) }}
{%- endmacro %}


{#- Calculations of signals that look at the values of another signal and not at a measure. -#}
{% macro derived_calculations() -%}
    {{ return(['slope', 'anomaly', 'percentile']) }}
{%- endmacro %}


{#- The raw table that tells of the events of a kind. -#}
{% macro event_tables() -%}
    {{ return({
        'feature': 'usage_events',
        'ticket': 'support_tickets',
        'meeting': 'touchpoints', 'call': 'touchpoints', 'email': 'touchpoints',
        'webinar': 'touchpoints', 'social': 'touchpoints',
        'training': 'trainings',
        'goal': 'success_goals',
        'review': 'advocacy_events', 'reference': 'advocacy_events', 'referral': 'advocacy_events',
        'nps': 'survey_responses', 'csat': 'survey_responses', 'ces': 'survey_responses',
    }) }}
{%- endmacro %}


{#- Rows that other models and scripts read by name, with the unit in which they read them. -#}
{% macro scorecard_settings() -%}
    {{ return({
        'lifecycle': {
            'reactivation_gap_days': 'days', 'onboarding_days': 'days',
            'reactivated_days': 'days', 'renewal_window_days': 'days',
            'seat_average_days': 'days',
        },
        'release_limits': {
            'worst_entries_per_owner_week': 'entries', 'owner_weeks_above_percent': 'percent',
            'revenue_changing_band_percent': 'percent',
        },
        'drift_limits': {
            'reference_months': 'months', 'bins': 'bins', 'question_above': 'index',
            'shift_above': 'index',
        },
    }) }}
{%- endmacro %}


{#-
    Seeds whose rows belong to no version and hold from their valid_from on, with the key of which
    one row holds on a day (of survey_groups all rows that begin together), and the cells that say
    nothing about a score.
-#}
{% macro dated_seeds() -%}
    {{ return({
        'milestones': {
            'key': 'milestone_id', 'words': ['label', 'position', 'is_first_value']
        },
        'lifecycle': {'key': 'setting', 'words': ['unit', 'meaning']},
        'adoption': {'key': 'product_id', 'words': []},
        'ticket_severities': {'key': 'severity', 'words': []},
        'survey_groups': {'key': 'kind', 'words': []},
        'pulse_levels': {'key': 'value', 'words': []},
        'sources': {'key': 'source_id', 'words': []},
    }) }}
{%- endmacro %}


{#- An error in words: where, what, and the mend. -#}
{% macro scorecard_message(row) -%}
    {%- set seed = graph.nodes["seed." ~ model.package_name ~ "." ~ row[0]] -%}
    {{ seed.original_file_path }}, row {{ row[1] }}: {{ row[2] }}. Mend: {{ row[3] }}.
{%- endmacro %}


{#- Stops the build, with every error in words, before anything is scored. -#}
{% macro stop_on_scorecard_errors() -%}
    {%- if execute -%}
        {%- set found = run_query(
            "select seed, row_key, problem, mend from " ~ this
            ~ " order by seed, row_key, problem") -%}
        {%- if found.rows -%}
            {%- set messages = [] -%}
            {%- for row in found.rows[:20] -%}
                {%- do messages.append(scorecard_message(row)) -%}
            {%- endfor -%}
            {%- if found.rows | length > 20 -%}
                {%- do messages.append(
                    "... and " ~ (found.rows | length - 20) ~ " more in " ~ this) -%}
            {%- endif -%}
            {#- dbt retry, or a selection, goes on with the rows that an earlier run has loaded. -#}
            {%- set loaded = graph.nodes.values()
                | selectattr('resource_type', 'equalto', 'seed')
                | selectattr('unique_id', 'in', selected_resources)
                | map(attribute='name') | list -%}
            {%- if found.rows | map(attribute=0) | reject('in', loaded) | list -%}
                {%- do messages.append(
                    "This run has loaded no seed anew, so a mended file is not seen. Mend: make"
                    ~ " build, or dbt build, and not dbt retry.") -%}
            {%- endif -%}
            {%- do exceptions.raise_compiler_error(
                found.rows | length ~ " error(s) in the scorecard, nothing was scored.\n  "
                ~ messages | join("\n  ")) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
