{#-
    Tests of models that are written by day look at the days from the first one on that the last
    build wrote; days before have been looked at by the build that wrote them. The var
    health__test_all_days has all of them looked at once more.
-#}
{% macro tested_rows(relation) -%}
    {%- set node = graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'model')
        | selectattr('schema', 'equalto', relation.schema)
        | selectattr('alias', 'equalto', relation.identifier) | first if execute -%}
    {%- set by = node.config.meta.touched_by if node -%}
    {%- set changes = graph.nodes.values() | selectattr(
        'name', 'equalto', 'int_changes__event_days' if by == 'events' else 'int_changes__touched_dates'
    ) | first if execute -%}
    {%- if
        by and not var('health__test_all_days')
        and adapter.get_relation(
            database=changes.database, schema=changes.schema, identifier=changes.alias
        )
    -%}
    {%- set day = node.config.meta.get('date_column', 'as_of_date') -%}
    (
        select * from {{ relation }}
        where {{ day }} is null
            or {{ day }} >= (
                select min({{ 'change_date' if by == 'events' else 'as_of_date' }})
                from {{ changes.relation_name }}
            )
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
        {{ return('(select * from ' ~ tested ~ ' as tested_rows where ' ~ where ~ ') as dbt_subquery') }}
    {%- elif tested.startswith('(') -%}
        {{ return(tested ~ ' as dbt_subquery') }}
    {%- else -%}
        {{ return(relation) }}
    {%- endif -%}
{%- endmacro %}
