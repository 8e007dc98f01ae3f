-- Currency of the company's amounts × what one unit is worth in the base currency; null where that
-- is not known. A currency counts at its earliest rate, for good, so that a moving exchange rate
-- moves nothing. The base currency needs no rate, nor does the only currency of all amounts. The
-- row of the empty text stands for amounts without a currency: they are in the only one there is,
-- and among several nobody knows in which.
with amounts as (
    select
        currency,
        monthly_recurring_revenue as amount
    from {{ ref('stg_billing__subscriptions') }}
    union all
    select
        currency,
        amount
    from {{ ref('stg_billing__invoices') }}
),

-- Nothing is worth as much in any currency, so an amount of zero brings in none.
currencies as (
    select currency
    from amounts
    where currency is not null and amount > 0
    group by currency
),

counted as (
    select
        count(*) as currency_count,
        max(currency) as only_currency
    from currencies
),

ranked_rates as (
    select
        currency,
        rate_to_base,
        row_number() over (partition by currency order by valid_from) as rate_number
    from {{ ref('stg_billing__exchange_rates') }}
),

rated as (
    select
        currencies.currency,
        case
            when ranked_rates.rate_to_base is not null then ranked_rates.rate_to_base
            when currencies.currency = '{{ base_currency() }}' then 1
            when counted.currency_count = 1 then 1
        end as rate_to_base
    from currencies
    cross join counted
    left join ranked_rates
        on currencies.currency = ranked_rates.currency
        and ranked_rates.rate_number = 1
),

final as (
    select
        currency,
        cast(rate_to_base as decimal(20, 8)) as rate_to_base
    from rated
    union all
    select
        '' as currency,
        cast(
            case
                when counted.currency_count = 0 then 1
                when counted.currency_count = 1 then rated.rate_to_base
            end as decimal(20, 8)
        ) as rate_to_base
    from counted
    left join rated
        on counted.currency_count = 1
        and counted.only_currency = rated.currency
)

select * from final
