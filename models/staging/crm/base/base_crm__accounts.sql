with source as (
    {{ raw_rows('crm', 'accounts') }}
),

typed as (
    select
        {{ clean_text('account_id') }} as account_id,
        coalesce({{ clean_date('valid_from') }}, cast('1900-01-01' as date)) as valid_from,
        {{ clean_text('account_name') }} as account_name,
        {{ clean_text('parent_account_id') }} as parent_account_id,
        {{ clean_text('merged_into_account_id') }} as merged_into_account_id,
        {{ clean_date('merged_on') }} as merged_on,
        {{ clean_text('plan') }} as plan,
        {{ clean_text('industry') }} as industry,
        {{ clean_text('use_case') }} as use_case,
        {{ clean_text('region') }} as region,
        {{ clean_text('lifecycle_stage') }} as lifecycle_stage,
        {{ clean_text('owner_id') }} as owner_id,
        {{ clean_number('employees', 'bigint') }} as employees,
        {{ clean_number('students', 'bigint') }} as students,
        {{ clean_text('time_zone') }} as time_zone,
        {{ clean_date('signed_up_on') }} as signed_up_on,
        {{ clean_time('loaded_at') }} as loaded_at
    from source
),

checked as (
    select
        typed.*,
        {{ reject_reason(
            keys=['typed.account_id', 'typed.valid_from']
        ) }} as reject_reason
    from typed
),

final as (
    {{ with_fates(
        keys=['account_id', 'valid_from'],
        columns=[
            'account_name',
            'parent_account_id',
            'merged_into_account_id',
            'merged_on',
            'plan',
            'industry',
            'use_case',
            'region',
            'lifecycle_stage',
            'owner_id',
            'employees',
            'students',
            'time_zone',
            'signed_up_on'
        ],
        unknown='each'
    ) }}
)

select * from final
