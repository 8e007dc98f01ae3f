{#-
    The median (of two middle ones the lower) of the recurring revenue that is known of accounts. By
    it accounts are ranked whose own is not known: zero would put them last, whoever they are.
-#}
{% macro median_revenue(accounts) -%}
    select max(recurring_revenue) as recurring_revenue
    from (
        select
            recurring_revenue,
            row_number() over (order by recurring_revenue, account_id) as revenue_number,
            count(*) over () as account_count
        from {{ accounts }}
        where recurring_revenue is not null
    ) as known
    where 2 * revenue_number between account_count and account_count + 1
{%- endmacro %}
