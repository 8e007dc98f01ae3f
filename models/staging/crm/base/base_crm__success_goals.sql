with source as (
    {{ raw_rows('crm', 'success_goals') }}
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
        {{ clean_text('goal_id') }} as goal_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('objective') }} as objective,
        {{ clean_word('status') }} as status,
        {{ clean_time('status_changed_at') }} as status_changed_at,
        {{ clean_date('due_on') }} as due_on,
        {{ clean_time('achieved_at') }} as achieved_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.goal_id', 'typed.status_changed_at', 'typed.status'],
            date='typed.status_changed_at',
            owner='known_accounts.account_id',
            invalid=[
                "typed.status not in ('planned', 'in_progress', 'achieved', 'missed', 'cancelled')"
            ]
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'goal_id', 'status_changed_at', 'status'],
        columns=[
            'objective',
            'due_on',
            'achieved_at'
        ]
    ) }}
)

select * from final
