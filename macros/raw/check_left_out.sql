{#-
    What the selected models and snapshots read is selected, too, or built already. Else the engine
    would say of one table after the other that it does not exist.
-#}
{% macro check_left_out() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'snapshot') and not flags.DEFER -%}
        {%- set readers, absent = [], [] -%}
        {%- for node in graph.nodes.values()
            if node.unique_id in selected_resources and node.resource_type != 'test' -%}
            {%- for parent in node.depends_on.nodes
                if parent not in selected_resources and parent in graph.nodes
                and parent not in absent -%}
                {%- set read = graph.nodes[parent] -%}
                {%- if not adapter.get_relation(
                    database=read.database, schema=read.schema, identifier=read.alias) -%}
                    {%- do absent.append(parent) -%}
                    {%- do readers.append(node) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if absent -%}
            {%- set read = graph.nodes[absent[0]] -%}
            {%- set others = absent | length - 1 -%}
            {%- set more = ' and ' ~ others ~ ' more' if others else '' -%}
            {%- do exceptions.raise_compiler_error(
                readers[0].name ~ " reads " ~ read.schema ~ "." ~ read.alias ~ more
                ~ ", which this run leaves out and nobody has built here. Mend: run make build, or"
                ~ " select what stands before it, too: --select +" ~ readers[0].name
                ~ " --indirect-selection cautious.") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
