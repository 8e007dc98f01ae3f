with source as (
    {{ raw_rows('billing', 'invoices') }}
),

known_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

data_clock as (
    select clock_day from {{ ref('stg_product__data_clock') }}
),

typed as (
    select
        {{ clean_text('invoice_id') }} as invoice_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_date('issued_on') }} as issued_on,
        {{ clean_date('due_on') }} as due_on,
        {{ clean_number('amount', 'decimal(18, 2)') }} as amount,
        upper({{ clean_text('currency') }}) as currency,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.invoice_id'],
            date='typed.issued_on',
            owner='known_accounts.account_id',
            invalid=[
                "typed.due_on is null or typed.amount is null"
            ],
            amounts=['typed.amount']
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'invoice_id'],
        columns=[
            'issued_on',
            'due_on',
            'amount',
            'currency'
        ],
        refused=['due_on', 'amount', 'currency']
    ) }}
)

select * from final
