{#-
    A cell that a script wrote, as it was before: scripts/lib/csv_cells.py puts an apostrophe before
    what a spreadsheet would run as a formula.
-#}
{% macro unmarked(cell) -%}
    case when {{ cell }} like '''%' then substr({{ cell }}, 2) else {{ cell }} end
{%- endmacro %}
