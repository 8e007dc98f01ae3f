with unmatched as (
    select * from {{ ref('int_accounts__unmatched') }}
),

final as (
    select
        cast(system_id as {{ dbt.type_string() }}) as system_id,
        cast(record_id as {{ dbt.type_string() }}) as record_id,
        cast(problem as {{ dbt.type_string() }}) as problem,
        cast(account_id as {{ dbt.type_string() }}) as account_id,
        cast(row_count as bigint) as row_count,
        cast(first_on as date) as first_on,
        cast(last_on as date) as last_on
    from unmatched
)

select * from final
