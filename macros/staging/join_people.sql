{#-
    Joins a table with account_id and user_id to its people: the account's own row of that id
    (`people`), and one of our own people (`staff`), who belong to no account. The account's own row
    stands above, so that a customer who numbers people as we do keeps them.
-#}
{% macro join_people(table) -%}
    left join {{ ref('stg_crm__people') }} as people
        on {{ table }}.account_id = people.account_id
        and {{ table }}.user_id = people.user_id
    left join {{ ref('stg_crm__people') }} as staff
        on {{ table }}.user_id = staff.user_id
        and staff.account_id is null
{%- endmacro %}

{#- Whether the person is one of us and not of the customer. -#}
{% macro is_our_own() -%}
    coalesce(people.is_internal, staff.user_id is not null)
{%- endmacro %}
