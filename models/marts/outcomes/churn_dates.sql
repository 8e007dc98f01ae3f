with churn_dates as (
    select * from {{ ref('int_outcomes__churn_dates') }}
),

final as (
    select
        cast(account_id as {{ dbt.type_string() }}) as account_id,
        cast(spell_number as integer) as spell_number,
        cast(spell_starts_on as date) as spell_starts_on,
        cast(churned_on as date) as churned_on,
        cast(churn_basis as {{ dbt.type_string() }}) as churn_basis,
        cast(notice_given_on as date) as notice_given_on,
        case when last_paid_on < cast('9999-01-01' as date) then cast(last_paid_on as date) end
            as last_paid_on
    from churn_dates
)

select * from final
