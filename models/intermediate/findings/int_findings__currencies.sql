-- Amounts that cannot be compared with the others: in a currency without a rate, or, where there
-- are several, in none. Where there is one currency, amounts without any are taken to be in it.
with amounts as (
    select
        'subscriptions' as source_id,
        subscription_id as row_id,
        account_id,
        currency
    from {{ ref('stg_billing__subscriptions') }}
    where monthly_recurring_revenue > 0
    union all
    select
        'invoices' as source_id,
        invoice_id as row_id,
        account_id,
        currency
    from {{ ref('stg_billing__invoices') }}
    where amount > 0
),

rates as (
    select * from {{ ref('int_activity__currency_rates') }}
),

counted as (
    select
        max(currency) as only_currency,
        sum(case when currency = '' then 0 else 1 end) as currency_count,
        sum(case when currency != '' and rate_to_base is null then 1 else 0 end) as unrated_count
    from rates
),

judged as (
    select
        amounts.*,
        rates.rate_to_base is null as has_no_rate,
        counted.only_currency,
        counted.currency_count,
        counted.unrated_count
    from amounts
    cross join counted
    {{ join_rates('amounts') }}
),

things as (
    select
        'currency_without_rate' as finding_id,
        'exchange_rates' as source_id,
        1 as row_count,
        account_id,
        currency as example
    from judged
    where has_no_rate and currency is not null and unrated_count = 1
    union all
    select
        'currencies_without_rates' as finding_id,
        'exchange_rates' as source_id,
        1 as row_count,
        account_id,
        currency as example
    from judged
    where has_no_rate and currency is not null and unrated_count > 1
    union all
    select
        'amount_without_currency' as finding_id,
        source_id,
        1 as row_count,
        account_id,
        row_id as example
    from judged
    where has_no_rate and currency is null
    union all
    select
        'amount_in_the_only_currency' as finding_id,
        source_id,
        1 as row_count,
        account_id,
        only_currency as example
    from judged
    where currency is null and currency_count = 1
    union all
    select
        'base_currency_with_rate' as finding_id,
        'exchange_rates' as source_id,
        1 as row_count,
        cast(null as {{ dbt.type_string() }}) as account_id,
        currency as example
    from rates
    where currency = '{{ base_currency() }}' and currency != '' and rate_to_base != 1
),

final as (
    {{ findings_of('things') }}
)

select * from final
