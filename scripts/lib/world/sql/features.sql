-- The catalogue: what users do, how popular it is within its product (0 is the most popular; null
-- is never drawn by popularity but has its own reason to happen), and which of it matters most.
select *
from (
    values
    ('workspace', 'edit_task', 'projects', true, false, 0),
    ('workspace', 'search', 'access', false, false, 1),
    ('workspace', 'comment', 'projects', false, false, 2),
    ('workspace', 'upload_file', 'files', false, false, 3),
    ('workspace', 'create_project', 'projects', true, false, 4),
    ('workspace', 'share_link', 'files', false, false, 5),
    ('workspace', 'calendar_view', 'projects', false, false, 6),
    ('workspace', 'invite_user', 'access', true, false, 7),
    ('workspace', 'export_csv', 'files', false, false, 8),
    ('workspace', 'template_library', 'projects', false, false, 9),
    ('workspace', 'custom_fields', 'projects', false, true, 10),
    ('workspace', 'gantt_view', 'projects', false, true, 11),
    ('workspace', 'login', 'access', false, false, null),
    ('workspace', 'pricing_page', 'account', false, false, null),
    ('insights', 'view_dashboard', 'dashboards', true, false, 0),
    ('insights', 'drill_down', 'dashboards', false, false, 1),
    ('insights', 'build_dashboard', 'dashboards', true, false, 2),
    ('insights', 'schedule_report', 'reports', false, false, 3),
    ('insights', 'connect_data_source', 'data', true, false, 4),
    ('insights', 'alert_rule', 'reports', false, true, 5),
    ('insights', 'embed_chart', 'dashboards', false, true, 6),
    ('insights', 'forecast', 'reports', false, true, 7),
    ('automate', 'run_workflow', 'workflows', true, false, 0),
    ('automate', 'create_workflow', 'workflows', true, false, 1),
    ('automate', 'approval_step', 'workflows', false, false, 2),
    ('automate', 'audit_log', 'control', false, false, 3),
    ('automate', 'retry_policy', 'control', false, true, 4),
    ('automate', 'script_step', 'workflows', false, true, 5),
    ('automate', 'api_call', 'interfaces', true, false, null),
    ('automate', 'webhook', 'interfaces', false, false, null)
) as features (product_id, feature_key, module, is_key_feature, is_advanced, popularity)
