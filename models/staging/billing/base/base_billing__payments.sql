with source as (
    {{ raw_rows('billing', 'payments') }}
),

invoices as (
    select invoice_id from {{ ref('stg_billing__invoices') }}
),

data_clock as (
    select clock_day from {{ ref('stg_product__data_clock') }}
),

typed as (
    select
        {{ clean_text('payment_id') }} as payment_id,
        {{ clean_text('invoice_id') }} as invoice_id,
        {{ clean_word('kind') }} as kind,
        coalesce({{ clean_word('status') }}, 'succeeded') as status,
        {{ clean_date('occurred_on') }} as occurred_on,
        {{ clean_number('amount', 'decimal(18, 2)') }} as amount,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.payment_id'],
            date='typed.occurred_on',
            owner='invoices.invoice_id',
            invalid=[
                "typed.kind is null or typed.kind not in ('payment', 'refund', 'credit_note')",
                "typed.status is null or typed.status not in ('succeeded', 'failed')",
                "typed.amount is null"
            ],
            amounts=['typed.amount']
        ) }} as reject_reason
    from typed
    left join invoices on typed.invoice_id = invoices.invoice_id
    cross join data_clock
),

final as (
    select
        *,
        {{ duplicate_rank(
            keys=['payment_id'],
            columns=[
                'invoice_id',
                'kind',
                'status',
                'occurred_on',
                'amount'
            ]
        ) }} as duplicate_rank
    from checked
)

select * from final
