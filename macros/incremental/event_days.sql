{#-
    Events are rolled up by day, when a day differs from the last finished build
    (int_changes__event_days). The rows of these days are deleted and written anew.
-#}

{#- The roll-ups of events, whose fingerprints are made of the days that were made anew. -#}
{% macro events_rolled_up() -%}
    {{ return(['int_activity__user_days', 'int_activity__feature_days']) }}
{%- endmacro %}


{#- Day × fingerprint of its events, however and whenever they were loaded. -#}
{% macro event_fingerprints() -%}
    {{ fingerprints_of(
        'base_product__usage_event_days', 'activity_date',
        [
            '*',
            '(select is_asked from ' ~ ref('stg_scorecard__feature_use') ~ ') as is_asked',
            models_fingerprint() ~ ' as models'
        ],
        everybody(), 'events'
    ) }}
{%- endmacro %}


{#- Rows (`stored`) of the days that this run rolls up; all, where the reader is written whole. -#}
{% macro rows_of_changed_days(model_name, day) -%}
    {%- set relation = ref(model_name) -%}
    {#- dbt reads here what the model waits for; a full build, or a unit test, does not read it. -#}
    {%- if not execute -%}
        {%- do ref('int_changes__event_days') -%}
    {%- endif -%}
    {%- if is_incremental() -%}
    (
        select stored.*
        from {{ relation }} as stored
        inner join {{ ref('int_changes__event_days') }} as event_days
            on {{ day }} = event_days.change_date
    )
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro %}


{#-
    The incremental strategy `event_days`: days whose events are no more go, too. Before anything is
    settled, nobody knows of which days they are, and all go.
-#}
{% macro get_incremental_event_days_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ target }}
    {%- if settled_relation() %}
    where activity_date in (select change_date from {{ ref('int_changes__event_days') }})
    {%- endif %};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
