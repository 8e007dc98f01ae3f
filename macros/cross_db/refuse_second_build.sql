{#-
    Two builds of one warehouse would write the same tables at once. DuckDB locks its file against a
    second process; a server is asked who else is at work.
-#}
{% macro refuse_second_build() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        {%- do adapter.dispatch('refuse_second_build', 'customer_health')() -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__refuse_second_build() -%}{%- endmacro %}

{% macro postgres__refuse_second_build() -%}
    {#- A connection that is just being closed is gone a second later. -#}
    {%- set others = namespace(pids=[]) -%}
    {%- for attempt in range(2) if attempt == 0 or others.pids -%}
        {%- set others.pids = run_query(
            "select pid from pg_stat_activity, pg_sleep(" ~ attempt ~ ") where datname ="
            ~ " current_database() and pid != pg_backend_pid() and application_name = '"
            ~ target.get('application_name', 'dbt') ~ "'"
        ).columns[0].values() | list -%}
    {%- endfor -%}
    {%- if others.pids -%}
        {%- do exceptions.raise_compiler_error(
            "Another build is at work in the database `" ~ target.dbname ~ "` (server process "
            ~ others.pids | join(', ') ~ "). Mend: wait until it has ended; if it was killed, its"
            ~ " queries end by themselves, or by pg_terminate_backend("
            ~ others.pids[0] ~ ").") -%}
    {%- endif -%}
{%- endmacro %}
