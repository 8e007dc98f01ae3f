{#-
    How incremental models are built (docs/performance.md). In every run
    int_changes__touched_accounts says from which day on an account is computed anew; a model reads
    these days of what it is made of, deletes them in itself and writes them again, in one
    transaction. meta.touched_by is signals or scores: signals are not measured again because a
    weight was edited.
-#}

{#- The rows of a model that this run computes from; all, where the reader is written whole. -#}
{% macro touched(model_name, date_column='as_of_date') -%}
    {%- set relation = ref(model_name) -%}
    {#- dbt reads here what the model waits for; a full build, or a unit test, does not read it. -#}
    {%- if not execute -%}
        {%- do ref('int_changes__touched_accounts') -%}
        {%- do ref('int_changes__touched_dates') -%}
    {%- endif -%}
    {%- if is_incremental() -%}
    (
        select stored.*
        from {{ relation }} as stored
        inner join {{ ref('int_changes__touched_dates') }} as touched_dates
            on stored.account_id = touched_dates.account_id
            and stored.{{ date_column }} = touched_dates.as_of_date
            {%- if config.get('meta').touched_by == 'signals' %}
            and touched_dates.is_measured_anew
            {%- endif %}
    )
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro %}


{#-
    The days of use that the windows of this run look at: those of accounts whose signals are
    measured anew, back to where the longest window begins.
-#}
{% macro use_in_windows(model_name) -%}
    {%- set relation = ref(model_name) -%}
    {%- if not execute -%}
        {%- do ref('int_changes__touched_accounts') -%}
    {%- endif -%}
    {%- if reads_all_use() -%}
    {{ relation }}
    {%- else -%}
    (
        select stored.*
        from {{ relation }} as stored
        inner join {{ ref('int_changes__touched_accounts') }} as touched_accounts
            on stored.account_id = touched_accounts.account_id
            and stored.activity_date >= touched_accounts.use_from
    )
    {%- endif -%}
{%- endmacro %}

{#- Unit tests, which have no changes, say true. -#}
{% macro reads_all_use() -%}
    {{ return(false) }}
{%- endmacro %}


{#- Whether a day of an account is computed anew in this run; level is signals or scores. -#}
{% macro is_touched(day, touched_accounts, level) -%}
    (
        {{ day }} >= {{ touched_accounts }}.{{ level }}_from
        or {{ day }} between {{ touched_accounts }}.rebuild_from
            and {{ touched_accounts }}.rebuild_to
    )
{%- endmacro %}


{#-
    The incremental strategy `touched`: rows that are no more go, too. Before anything is settled,
    all rows go.
-#}
{% macro get_incremental_touched_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set day = target ~ '.' ~ config.get('meta').get('date_column', 'as_of_date') -%}
    {#- With `using`, and not with `exists`: DuckDB joins the two ten times faster. -#}
    delete from {{ target }}
    {%- if settled_relation() %}
    using {{ ref('int_changes__touched_accounts') }} as touched_accounts
    where touched_accounts.account_id = {{ target }}.account_id
        and {{ is_touched(day, 'touched_accounts', config.get('meta').touched_by) }}
    {%- endif %};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
