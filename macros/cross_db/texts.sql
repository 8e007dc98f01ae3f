{#- A text without the blanks around it: those of Unicode too, such as a spreadsheet leaves. -#}
{% macro without_outer_blanks(text) -%}
    {{ return(adapter.dispatch('without_outer_blanks', 'customer_health')(text)) }}
{%- endmacro %}

{% macro default__without_outer_blanks(text) -%}
    trim({{ text }})
{%- endmacro %}

{% macro postgres__without_outer_blanks(text) -%}
    btrim({{ text }}, {{
        "U&'\\0020\\00A0\\1680\\2000\\2001\\2002\\2003\\2004\\2005\\2006\\2007\\2008\\2009\\200A"
        ~ "\\202F\\205F\\3000'"
    }})
{%- endmacro %}
