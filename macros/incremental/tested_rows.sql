{#-
    Tests of models that are written by day look at the days that the last build wrote, and at rows
    without account or day; other days have been looked at by the build that wrote them. The var
    health__test_all_days has all of them looked at once more.
-#}
{% macro tested_rows(relation) -%}
    {%- set node = graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'model')
        | selectattr('schema', 'equalto', relation.schema)
        | selectattr('alias', 'equalto', relation.identifier) | first if execute -%}
    {%- set by = node.config.meta.touched_by if node -%}
    {%- set written = 'event_days' if by == 'events' else 'touched_dates' -%}
    {%- set changes = model_named('int_changes__' ~ written) if execute -%}
    {%- if
        by and not var('health__test_all_days')
        and adapter.get_relation(
            database=changes.database, schema=changes.schema, identifier=changes.alias
        )
    -%}
    {%- set day = 'stored.' ~ node.config.meta.get('date_column', 'as_of_date') -%}
    (
        select stored.* from {{ relation }} as stored
        where {{ day }} is null or stored.account_id is null
        union all
        select stored.* from {{ relation }} as stored
        inner join {{ changes.relation_name }} as changes
        {%- if by == 'events' %}
            on cast({{ day }} as date) = changes.change_date
            and stored.account_id is not null
        {%- else %}
            on {{ day }} = changes.as_of_date
            and stored.account_id = changes.account_id
        {%- endif %}
    )
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro %}


{#- What a generic test reads as its model; dbt's own macro knows only `where`. -#}
{% macro default__get_where_subquery(relation) -%}
    {%- set tested = tested_rows(relation) | trim -%}
    {%- set where = config.get('where', '') -%}
    {%- if where -%}
        {{ return(
            '(select * from ' ~ tested ~ ' as tested_rows where ' ~ where ~ ') as dbt_subquery'
        ) }}
    {%- elif tested.startswith('(') -%}
        {{ return(tested ~ ' as dbt_subquery') }}
    {%- else -%}
        {{ return(relation) }}
    {%- endif -%}
{%- endmacro %}
