with source as (
    {{ raw_rows('billing', 'payments') }}
),

invoices as (
    select
        account_id,
        invoice_id
    from {{ ref('base_billing__invoices') }}
    where row_fate = 'staged'
),

-- Of a row that names no account: whose it can be.
owners as (
    select
        invoice_id,
        count(*) as accounts,
        case when count(*) = 1 then min(account_id) end as account_id
    from invoices
    group by invoice_id
),

data_clock as (
    select clock_day from {{ ref('stg_product__data_clock') }}
),

given as (
    select
        {{ clean_text('payment_id') }} as payment_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('invoice_id') }} as invoice_id,
        {{ clean_word('kind') }} as kind,
        coalesce({{ clean_word('status') }}, 'succeeded') as status,
        {{ clean_date('occurred_on') }} as occurred_on,
        {{ clean_number('amount', 'decimal(18, 2)') }} as amount,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

typed as (
    select
        given.payment_id,
        coalesce(given.account_id, owners.account_id) as account_id,
        given.invoice_id,
        given.kind,
        given.status,
        given.occurred_on,
        given.amount,
        given.loaded_at,
        owners.accounts > 1 as is_ambiguous
    from given
    left join owners
        on given.invoice_id = owners.invoice_id
        and given.account_id is null
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.payment_id'],
            date='typed.occurred_on',
            owner='invoices.invoice_id',
            ambiguous='typed.is_ambiguous',
            invalid=[
                "typed.kind is null or typed.kind not in ('payment', 'refund', 'credit_note')",
                "typed.status is null or typed.status not in ('succeeded', 'failed')",
                "typed.amount is null"
            ],
            amounts=['typed.amount']
        ) }} as reject_reason
    from typed
    left join invoices
        on typed.account_id = invoices.account_id
        and typed.invoice_id = invoices.invoice_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'payment_id'],
        columns=[
            'invoice_id',
            'kind',
            'status',
            'occurred_on',
            'amount'
        ],
        refused=['kind', 'status', 'amount']
    ) }}
)

select * from final
