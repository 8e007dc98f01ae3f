{#-
    Which account a row counts for (stg_crm__account_links): an account that became another one, or
    for which its parent pays, counts for that one. The first macro is the CTE `links`, which most
    rows do not meet; the others are the join of a row by the day it is dated, and what it gives.
-#}
{% macro links_to_others() -%}
    select * from {{ ref('stg_crm__account_links') }}
    where counts_for_account_id != account_id
{%- endmacro %}

{% macro join_links(rows, day) -%}
    left join links
        on {{ rows }}.account_id = links.account_id
        and {{ day }} between links.valid_from and links.valid_to
{%- endmacro %}

{% macro counted_account(rows) -%}
    coalesce(links.counts_for_account_id, {{ rows }}.account_id)
{%- endmacro %}

{#- People of two accounts are two people, whatever their keys; under a new number they are not. -#}
{% macro counted_user(rows, column='user_id') -%}
    case
            when links.people_of_account_id is not null
                then links.people_of_account_id || '/' || {{ rows }}.{{ column }}
            else {{ rows }}.{{ column }}
        end
{%- endmacro %}

{#- What an account numbered for itself keeps its account, where its rows count for another one. -#}
{% macro counted_key(rows, column) -%}
    case
            when links.account_id is not null
                then links.account_id || '/' || {{ rows }}.{{ column }}
            else {{ rows }}.{{ column }}
        end
{%- endmacro %}


{#- Chains of accounts are followed by doubling: over so many steps, 2 to their power accounts. -#}
{% macro account_chain_steps() -%}
    {{ return(3) }}
{%- endmacro %}

{#- Chains that change on a day, or that are dated, are followed account by account. -#}
{% macro account_chain_length() -%}
    {{ return(2 ** account_chain_steps()) }}
{%- endmacro %}
