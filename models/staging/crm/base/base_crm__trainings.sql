with source as (
    {{ raw_rows('crm', 'trainings') }}
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
        {{ clean_text('training_id') }} as training_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('user_id') }} as user_id,
        {{ clean_text('course') }} as course,
        {{ clean_time('completed_at') }} as completed_at,
        {{ clean_time('expires_at') }} as expires_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.training_id'],
            date='typed.completed_at',
            owner='known_accounts.account_id',
            invalid=[
                "typed.course is null",
                "typed.expires_at < typed.completed_at"
            ]
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
    cross join data_clock
),

final as (
    {{ with_fates(
        keys=['account_id', 'training_id'],
        columns=[
            'user_id',
            'course',
            'completed_at',
            'expires_at'
        ]
    ) }}
)

select * from final
