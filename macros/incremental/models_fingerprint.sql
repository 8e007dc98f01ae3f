{#- A number that stands for the text of every model, and for the sources that are on. -#}
{% macro models_fingerprint() -%}
    {%- set texts = [health_sources() | sort | join(',')] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='unique_id')
            if node.resource_type == 'model' -%}
            {%- do texts.append(node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    {#- Fifteen hexadecimal digits, as a whole number. -#}
    {{ return(local_md5(texts | join(' '))[:15] | int(0, 16)) }}
{%- endmacro %}
