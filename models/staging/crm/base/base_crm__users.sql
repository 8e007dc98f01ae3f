with source as (
    {{ raw_rows('crm', 'users') }}
),

known_accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

typed as (
    select
        {{ clean_text('user_id') }} as user_id,
        {{ clean_text('account_id') }} as account_id,
        {{ clean_text('full_name') }} as full_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('role') }} as role,
        cast(is_executive_sponsor as boolean) as is_executive_sponsor,
        cast(is_champion as boolean) as is_champion,
        coalesce(cast(is_internal as boolean), false) as is_internal,
        {{ clean_time('created_at') }} as created_at,
        {{ clean_time('left_at') }} as left_at,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

-- One of our own people belongs to no account, and is internal in every one.
checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.user_id'],
            owner='case when typed.account_id is null and typed.is_internal then typed.user_id'
            ' else known_accounts.account_id end'
        ) }} as reject_reason
    from typed
    left join known_accounts on typed.account_id = known_accounts.account_id
),

final as (
    {{ with_fates(
        keys=['account_id', 'user_id'],
        columns=[
            'full_name',
            'email',
            'role',
            'is_executive_sponsor',
            'is_champion',
            'is_internal',
            'created_at',
            'left_at'
        ]
    ) }}
)

select * from final
