-- Columns that look as if they were in another unit. The scores of a kind of survey are not used
-- then; of the others it is only said. An invoice is held against what the account pays a month, in
-- the same currency.
with scales as (
    select * from {{ ref('base_support__other_scales') }}
),

invoiced as (
    select
        invoices.invoice_id,
        invoices.amount,
        sum(subscriptions.monthly_recurring_revenue) as monthly_recurring_revenue
    from {{ ref('stg_billing__invoices') }} as invoices
    inner join {{ ref('stg_billing__subscriptions') }} as subscriptions
        on invoices.account_id = subscriptions.account_id
        and coalesce(invoices.currency, '') = coalesce(subscriptions.currency, '')
        and invoices.issued_on >= subscriptions.starts_on
        and (subscriptions.ends_on is null or invoices.issued_on <= subscriptions.ends_on)
    where invoices.amount > 0 and subscriptions.monthly_recurring_revenue > 0
    group by invoices.invoice_id, invoices.amount
),

months_invoiced as (
    select cast(amount / monthly_recurring_revenue as decimal(24, 6)) as months
    from invoiced
),

amounts as (
    select
        'invoices' as source_id,
        'amount' as column_name,
        months as amount
    from months_invoiced
    union all
    select
        'subscriptions' as source_id,
        'monthly_recurring_revenue' as column_name,
        months as amount
    from months_invoiced
    union all
    select
        'support_tickets' as source_id,
        'sentiment' as column_name,
        cast(sentiment as decimal(24, 6)) as amount
    from {{ ref('base_support__support_tickets') }}
    union all
    select
        'usage_events' as source_id,
        'duration_seconds' as column_name,
        cast(duration_seconds as decimal(24, 6)) as amount
    from {{ ref('int_activity__user_days') }}
    where user_id is not null
),

amounts_of_no_kind as (
    select
        source_id,
        column_name,
        'none' as kind,
        amount
    from amounts
),

units as (
    {{ other_units('amounts_of_no_kind') }}
),

things as (
    select
        'scores_on_another_scale' as finding_id,
        source_id,
        row_count,
        cast(null as {{ dbt.type_string() }}) as account_id,
        kind || ' like ' || looks_like as example
    from scales
    union all
    select
        'column_in_another_unit' as finding_id,
        source_id,
        row_count,
        cast(null as {{ dbt.type_string() }}) as account_id,
        column_name || ' like ' || looks_like as example
    from units
),

final as (
    {{ findings_of('things') }}
)

select * from final
