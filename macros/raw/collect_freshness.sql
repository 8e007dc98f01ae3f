{#-
    dbt's own question how fresh a source is, which it asks of every source. One that is off has no
    table: it is named, and passes as loaded now. Where nobody has said which sources are on, they
    are those of which there is a table.
-#}
{% macro collect_freshness(source, loaded_at_field, filter) -%}
    {%- set is_chosen = var('health__sources') or env_var('HEALTH_SOURCES', '') -%}
    {%- set table = health_contract() | selectattr('name', 'equalto', source.identifier) | first -%}
    {%- if not source_is_on(table.name)
        or (not is_chosen and not table.meta.required and load_relation(source) is none) -%}
        {%- do log("The source " ~ table.name ~ " is off, and passes.", info=true) -%}
        {%- set source = '(select ' ~ dbt.current_timestamp() ~ ' as ' ~ loaded_at_field
            ~ ') as source_is_off' -%}
    {%- endif -%}
    {{ return(adapter.dispatch('collect_freshness', 'dbt')(source, loaded_at_field, filter)) }}
{%- endmacro %}
