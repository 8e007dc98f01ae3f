-- Account × period × entitled product: since when, and its share of the account's recurring
-- revenue.
with periods as (
    select * from {{ ref('int_accounts__periods') }}
),

entitlement_stretches as (
    select * from {{ ref('int_accounts__entitlement_stretches') }}
),

terms as (
    select * from {{ ref('int_accounts__subscription_terms') }}
),

entitled as (
    select
        periods.account_id,
        periods.starts_on as period_starts_on,
        entitlement_stretches.product_id,
        entitlement_stretches.starts_on as product_starts_on
    from periods
    inner join entitlement_stretches
        on periods.account_id = entitlement_stretches.account_id
        and periods.starts_on >= entitlement_stretches.starts_on
        and periods.starts_on <= entitlement_stretches.ends_on
),

priced as (
    select
        entitled.account_id,
        entitled.period_starts_on,
        entitled.product_id,
        entitled.product_starts_on,
        coalesce(sum(terms.recurring_revenue), 0) as recurring_revenue,
        max(case when terms.is_revenue_unknown then 1 else 0 end) as is_revenue_unknown
    from entitled
    left join terms
        on entitled.account_id = terms.account_id
        and entitled.product_id = terms.product_id
        and entitled.period_starts_on between terms.starts_on and terms.ends_on
    group by
        entitled.account_id,
        entitled.period_starts_on,
        entitled.product_id,
        entitled.product_starts_on
),

totals as (
    select
        *,
        sum(recurring_revenue) over (partition by account_id, period_starts_on) as total_revenue,
        max(is_revenue_unknown) over (
            partition by account_id, period_starts_on
        ) as is_total_unknown,
        count(*) over (partition by account_id, period_starts_on) as product_count
    from priced
),

final as (
    select
        account_id,
        period_starts_on,
        product_id,
        product_starts_on,
        cast(
            case when is_revenue_unknown = 0 then recurring_revenue end as decimal(18, 2)
        ) as recurring_revenue,
        case
            when total_revenue > 0 and is_total_unknown = 0
                then {{ as_double('recurring_revenue') }} / {{ as_double('total_revenue') }}
            else {{ as_double('1') }} / {{ as_double('product_count') }}
        end as revenue_share
    from totals
)

select * from final
