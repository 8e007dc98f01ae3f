{#-
    Schemas carry the names of DESIGN: staging, intermediate, marts. A developer who shares a
    warehouse sets a prefix.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set name = custom_schema_name | trim if custom_schema_name else target.schema -%}
    {{ var('health__schema_prefix') ~ name }}
{%- endmacro %}
