-- Input × account × day: a fingerprint of what the input says of the account from that day on, and
-- did not say before. Where two builds differ tells from which day on an account is to be computed
-- anew. Everything that incremental models read and that is not incremental itself has rows here.
{%- set always = "cast('1900-01-01' as date)" %}
{%- set period_columns = [
    'spell_number', 'spell_starts_on', 'first_paid_on', 'account_name', 'parent_account_id',
    'plan', 'industry', 'use_case', 'region', 'owner_id', 'employees', 'students', 'seats',
    'recurring_revenue', 'renewal_date', 'is_under_notice', 'lifecycle_stage'
] %}
{%- set fact = ['measure_id', 'product_id', 'fact_date', 'aging_date', 'quantity'] %}

with scorecards as (
    select
        *,
        -- A shadow is scored over the whole history.
        case when status = 'shadow' then {{ always }} else valid_from end as first_day,
        case
            when status != 'shadow' and valid_to < cast('9999-12-31' as date)
                then {{ add_days('valid_to', 1) }}
        end as end_day
    from {{ ref('stg_scorecard__scorecards') }}
),

{% for table in ['rules', 'bands', 'caps', 'point_rules', 'product_weights'] -%}
version_{{ table }} as (
    select
        scorecards.first_day,
        versioned.*
    from {{ ref('stg_scorecard__' ~ table) }} as versioned
    inner join scorecards
        on versioned.scorecard_id = scorecards.scorecard_id
        and versioned.scorecard_version = scorecards.scorecard_version
),

{% endfor -%}
overrides as (
    select
        *,
        case
            when valid_to < cast('9999-12-31' as date) then {{ add_days('valid_to', 1) }}
        end as end_day
    from {{ ref('stg_scorecard__account_overrides') }}
),

-- A curve matters from the first day on which something uses it.
curves_in_use as (
    select
        {{ everybody() }} as account_id,
        curve_id,
        first_day
    from version_rules
    union all
    select
        account_id,
        curve_id,
        valid_from as first_day
    from overrides
),

curve_days as (
    select
        account_id,
        curve_id,
        min(first_day) as first_day
    from curves_in_use
    group by account_id, curve_id
),

curves as (
    select
        curve_days.account_id,
        curve_days.first_day,
        curve_pieces.*
    from curve_days
    inner join {{ ref('stg_scorecard__curve_pieces') }} as curve_pieces
        on curve_days.curve_id = curve_pieces.curve_id
),

{% for table in events_rolled_up() -%}
{{ table }} as (
    select rolled_up.*
    from {{ ref(table) }} as rolled_up
    inner join {{ ref('int_changes__event_days') }} as event_days
        on rolled_up.activity_date = event_days.change_date
),

{% endfor -%}
scored_days as (
    select calendar_date from {{ ref('int_accounts__calendar') }}
    where is_scored
),

final as (
    -- An account as of a day is made of its period, and the day.
    {{ fingerprints_of_stretches(
        'int_accounts__periods', 'starts_on', add_days('ends_on', 1), period_columns
    ) }}
    union all
    {{ fingerprints_of('int_accounts__segments', 'starts_on') }}
    union all
    {{ fingerprints_of(
        'int_accounts__calendar', 'calendar_date', account_id=everybody(), rows='scored_days'
    ) }}
    union all
    -- A row of a dated seed ends where the next one begins, which that one says.
    {{ fingerprints_of(
        'stg_scorecard__lifecycle', 'valid_from',
        ['valid_from'] + (scorecard_settings().lifecycle | list), everybody()
    ) }}
    union all
    {{ fingerprints_of('int_accounts__products', 'period_starts_on') }}
    union all
    {{ fingerprints_of_stretches(
        'int_accounts__entitlement_stretches', 'starts_on', add_days('ends_on', 1), ['product_id']
    ) }}
    union all
    {{ fingerprints_of_stretches(
        'int_accounts__entitlement_terms', 'starts_on', add_days('ends_on', 1),
        ['product_id', 'seats']
    ) }}
    -- Other days say what they said.
    {% for table in events_rolled_up() -%}
    union all
    {{ fingerprints_of(table, 'activity_date', rows=table) }}
    {% endfor -%}
    union all
    {{ fingerprints_of('int_activity__feature_users', 'first_used_on') }}
    union all
    {{ fingerprints_of('int_activity__event_days', 'event_date') }}
    union all
    {{ fingerprints_of('int_signals__known_accounts', 'known_from') }}
    {% for family in [
        'enablement', 'outcome', 'support', 'billing', 'engagement', 'satisfaction', 'judgement'
    ] -%}
    union all
    {{ fingerprints_of_stretches(
        'int_signals__' ~ family ~ '_measures', 'fact_date', 'until_date', fact
    ) }}
    {% endfor -%}
    {% for table in ['source_coverage', 'rest_days'] -%}
    union all
    {{ fingerprints_of('int_signals__' ~ table, 'as_of_date', account_id=everybody()) }}
    {% endfor -%}
    union all
    {{ fingerprints_of(
        'stg_product__product_features', always,
        ['product_id', 'feature_key', 'module', 'is_key_feature', 'is_advanced'], everybody()
    ) }}
    union all
    {{ fingerprints_of(
        'stg_scorecard__adoption', 'valid_from',
        ['valid_from', 'product_id', 'min_uses', 'min_users', 'steady_minutes'], everybody()
    ) }}
    union all
    {{ fingerprints_of(
        'stg_scorecard__milestones', 'valid_from',
        [
            'valid_from', 'milestone_id', 'segment_id', 'product_id', 'event_kind', 'event_key',
            'signal_id', 'operator', 'value', 'due_days'
        ],
        everybody(), 'scores'
    ) }}
    {% for table in ['measures_in_use', 'signals'] -%}
    union all
    {{ fingerprints_of('stg_scorecard__' ~ table, always, account_id=everybody()) }}
    {% endfor -%}
    {% for table in [
        'point_rule_steps', 'churn_models', 'churn_model_terms',
        'churn_model_covariances'
    ] -%}
    union all
    {{ fingerprints_of(
        'stg_scorecard__' ~ table, always, account_id=everybody(), level='scores'
    ) }}
    {% endfor -%}
    union all
    {{ fingerprints_of_stretches(
        'stg_scorecard__scorecards', 'first_day', 'end_day',
        [
            'scorecard_id', 'scorecard_version', 'status', 'min_coverage',
            'min_dimension_coverage', 'min_dimensions', 'hold_days', 'margin'
        ],
        everybody(), 'scores', 'scorecards'
    ) }}
    {% for table in ['rules', 'bands', 'caps', 'point_rules', 'product_weights'] -%}
    union all
    {{ fingerprints_of(
        'stg_scorecard__' ~ table, 'first_day', account_id=everybody(), level='scores',
        rows='version_' ~ table
    ) }}
    {% endfor -%}
    union all
    {{ fingerprints_of_stretches(
        'stg_scorecard__account_overrides', 'valid_from', 'end_day',
        ['override_id', 'signal_id', 'scale_factor', 'weight', 'curve_id'],
        level='scores', rows='overrides'
    ) }}
    union all
    {{ fingerprints_of(
        'stg_scorecard__curve_pieces', 'first_day', level='scores', rows='curves'
    ) }}
    union all
    {{ event_fingerprints() }}
    union all
    -- Models that were edited say something else of everybody.
    select
        'models' as input_id,
        'signals' as level_id,
        {{ everybody() }} as account_id,
        {{ always }} as change_date,
        cast({{ models_fingerprint() }} as decimal(38, 0)) as fingerprint
)

select * from final
