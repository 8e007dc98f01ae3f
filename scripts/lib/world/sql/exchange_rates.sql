-- One rate a month per currency, wandering slowly round its usual level; the base currency is EUR.
with currencies as (
    select *
    from (
        values
        ('EUR', 1.0), ('USD', 0.91), ('GBP', 1.16), ('CHF', 1.03), ('JPY', 0.0061), ('AUD', 0.6)
    ) as currencies (currency, usual_rate)
),

months as (
    select
        range as month_no,
        (date_trunc('month', date '$first_day') - to_months(12) + to_months(range::int))::date
            as valid_from
    from range(12 + $days // 28 + 1)
)

select
    currencies.currency,
    months.valid_from,
    round(
        case when currencies.currency = 'EUR' then 1.0 else
            currencies.usual_rate * (
                1.0
                + 0.06 * sin(months.month_no / 4.0 + 6.3 * uniform(currencies.currency, 'phase'))
                + 0.02 * (uniform(currencies.currency || months.month_no, 'rate') - 0.5)
            )
        end,
        8
    )::decimal(18, 8) as rate_to_base,
    loaded_after(months.valid_from, 2) as loaded_at
from months
cross join currencies
where months.valid_from < date '$first_day' + $days
