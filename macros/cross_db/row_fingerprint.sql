{#- A number that stands for all the columns of a row of `alias`: another row, another number. -#}
{% macro row_fingerprint(alias) -%}
    {{ return(adapter.dispatch('row_fingerprint', 'customer_health')(alias)) }}
{%- endmacro %}

{% macro default__row_fingerprint(alias) -%}
    hash({{ alias }})
{%- endmacro %}

{% macro postgres__row_fingerprint(alias) -%}
    hashtextextended(cast({{ alias }} as text), 0)
{%- endmacro %}

{% macro spark__row_fingerprint(alias) -%}
    xxhash64(struct({{ alias }}.*))
{%- endmacro %}


{#- The same of one text; null of none. -#}
{% macro text_fingerprint(text) -%}
    {{ return(adapter.dispatch('text_fingerprint', 'customer_health')(text)) }}
{%- endmacro %}

{% macro default__text_fingerprint(text) -%}
    hash({{ text }})
{%- endmacro %}

{% macro postgres__text_fingerprint(text) -%}
    hashtextextended({{ text }}, 0)
{%- endmacro %}

{% macro spark__text_fingerprint(text) -%}
    xxhash64({{ text }})
{%- endmacro %}
