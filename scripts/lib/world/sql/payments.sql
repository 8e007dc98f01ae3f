-- What became of each invoice: one row per payment, failure, refund or credit note that has
-- happened by the end of the world.
with fates as (
    select
        *,
        floor(0.1 * amount * 100) / 100 as tenth,
        floor(0.6 * amount * 100) / 100 as most
    from billing
),

happened as (
    select invoice_no, invoice_id, 1 as step, 'payment' as kind, 'succeeded' as status,
        paid_day as day, amount
    from fates
    where fate in ('plain', 'failed_first', 'refunded')
    union all
    -- A void is a credit note of the whole amount, and nothing is paid.
    select invoice_no, invoice_id, 2, 'credit_note', 'succeeded', issued_day + 6, amount
    from fates
    where fate = 'void'
    union all
    select invoice_no, invoice_id, 3, 'credit_note', 'succeeded', issued_day + 9, tenth
    from fates
    where fate = 'credited'
    union all
    select invoice_no, invoice_id, 4, 'payment', 'succeeded', paid_day, amount - tenth
    from fates
    where fate = 'credited'
    union all
    select invoice_no, invoice_id, 5, 'payment', 'succeeded', paid_day, most
    from fates
    where fate = 'partial'
    union all
    select invoice_no, invoice_id, 6, 'payment', 'succeeded', paid_day + 21, amount - most
    from fates
    where fate = 'partial'
    union all
    select invoice_no, invoice_id, 7, 'payment', 'failed', greatest(issued_day, paid_day - 2),
        amount
    from fates
    where fate = 'failed_first'
    union all
    select invoice_no, invoice_id, 8, 'payment', 'failed', due_day, amount
    from fates
    where fate = 'unpaid'
    union all
    select invoice_no, invoice_id, 9, 'refund', 'succeeded', paid_day + 12, tenth
    from fates
    where fate = 'refunded'
)

select
    'pay_' || invoice_no || '_' || step as payment_id,
    cast(null as varchar) as account_id,
    invoice_id,
    kind,
    -- Some systems leave the usual status out.
    case when status = 'succeeded' and uniform(invoice_no, 'status known') < 0.05 then null
        else status end as status,
    on_day(day) as occurred_on,
    amount::decimal(18, 2) as amount,
    loaded_after(on_day(day), 21) as loaded_at
from happened
where day < $days
