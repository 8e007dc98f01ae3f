with source as (
    {{ raw_rows('support', 'ticket_events') }}
),

tickets as (
    select
        account_id,
        ticket_id
    from {{ ref('base_support__support_tickets') }}
    where row_fate = 'staged'
),

-- Of a row that names no account: whose it can be.
owners as (
    select
        ticket_id,
        count(*) as accounts,
        case when count(*) = 1 then min(account_id) end as account_id
    from tickets
    group by ticket_id
),

data_clock as (
    select clock_day from {{ ref('stg_product__data_clock') }}
),

given as (
    select
        {{ clean_text('ticket_event_id') }} as ticket_event_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('ticket_id') }} as ticket_id,
        {{ clean_word('status') }} as status,
        {{ clean_time('occurred_at') }} as occurred_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

typed as (
    select
        given.ticket_event_id,
        coalesce(given.account_id, owners.account_id) as account_id,
        given.ticket_id,
        given.status,
        given.occurred_at,
        given.loaded_at,
        owners.accounts > 1 as is_ambiguous
    from given
    left join owners
        on given.ticket_id = owners.ticket_id
        and given.account_id is null
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.ticket_event_id'],
            date='typed.occurred_at',
            owner='tickets.ticket_id',
            ambiguous='typed.is_ambiguous',
            invalid=[
                "typed.status is null",
                "typed.status not in ('opened', 'pending', 'resolved', 'reopened', 'closed')"
            ]
        ) }} as reject_reason
    from typed
    left join tickets
        on typed.account_id = tickets.account_id
        and typed.ticket_id = tickets.ticket_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'ticket_event_id'],
        columns=[
            'ticket_id',
            'status',
            'occurred_at'
        ]
    ) }}
)

select * from final
