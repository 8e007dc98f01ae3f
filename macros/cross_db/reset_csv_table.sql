{#-
    Seeds are loaded into new tables: dbt-duckdb copies a file by the place of its columns, and they
    may have been moved, added or taken out since the table was made.
-#}
{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {{ return(default__reset_csv_table(model, true, old_relation, agate_table)) }}
{%- endmacro %}
