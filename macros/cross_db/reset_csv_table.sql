{#-
    Seeds are loaded into new tables: dbt-duckdb copies a file by the place of its columns, and they
    may have been moved, added or taken out since the table was made.
-#}
{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {{ return(default__reset_csv_table(model, true, old_relation, agate_table)) }}
{%- endmacro %}


{#- As dbt-duckdb loads a file, but from a project whose folder may have a quote in its name. -#}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set path = adapter.get_seed_file_path(model) | replace("'", "''") -%}
    {%- set copy = "copy " ~ this.render() ~ " from '" ~ path ~ "' (format csv, header true)" -%}
    {%- do adapter.add_query(copy, abridge_sql_log=true) -%}
    {{ return(copy) }}
{%- endmacro %}
