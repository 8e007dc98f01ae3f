-- Unbroken stretches of days on which an account may use a product. Without the entitlements
-- source, what is subscribed may be used.
-- depends_on: {{ ref('int_accounts__subscription_terms') }}
-- depends_on: {{ ref('int_accounts__entitlement_terms') }}
with entitlements as (
    {% if source_is_on('entitlements') -%}
    select
        account_id,
        product_id,
        starts_on,
        coalesce(ends_on, cast('9999-01-01' as date)) as ends_on
    from {{ ref('int_accounts__entitlement_terms') }}
    {%- else -%}
    select
        account_id,
        product_id,
        starts_on,
        ends_on
    from {{ ref('int_accounts__subscription_terms') }}
    {%- endif %}
),

preceded as (
    select
        account_id,
        product_id,
        starts_on,
        ends_on,
        max(ends_on) over (
            partition by account_id, product_id
            order by starts_on, ends_on
            rows between unbounded preceding and 1 preceding
        ) as entitled_until
    from entitlements
),

numbered as (
    select
        account_id,
        product_id,
        starts_on,
        ends_on,
        sum(
            case
                when entitled_until is null then 1
                when starts_on > {{ add_days('entitled_until', 1) }} then 1
                else 0
            end
        ) over (partition by account_id, product_id order by starts_on) as stretch_number
    from preceded
),

final as (
    select
        account_id,
        product_id,
        min(starts_on) as starts_on,
        max(ends_on) as ends_on
    from numbered
    group by account_id, product_id, stretch_number
)

select * from final
