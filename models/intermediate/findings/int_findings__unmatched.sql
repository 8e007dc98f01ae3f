-- Accounts and subscriptions that are in one system and not in the others.
with unmatched as (
    select
        *,
        -- A payer without rows counts once.
        greatest(row_count, 1) as counted_rows
    from {{ ref('int_accounts__unmatched') }}
),

things as (
    select
        'account_not_known' as finding_id,
        'accounts' as source_id,
        counted_rows as row_count,
        record_id as account_id,
        record_id || ' in ' || system_id as example
    from unmatched
    where problem = 'account_not_known'
    union all
    select
        'payer_without_use' as finding_id,
        system_id as source_id,
        counted_rows as row_count,
        account_id,
        record_id as example
    from unmatched
    where problem = 'payer_not_there' and system_id = 'usage_events'
    union all
    select
        'payer_not_there' as finding_id,
        system_id as source_id,
        counted_rows as row_count,
        account_id,
        record_id as example
    from unmatched
    where problem = 'payer_not_there' and system_id != 'usage_events'
    union all
    select
        'use_without_subscription' as finding_id,
        system_id as source_id,
        counted_rows as row_count,
        account_id,
        record_id as example
    from unmatched
    where problem = 'no_subscription' and system_id = 'usage_events'
    union all
    select
        'rows_without_subscription' as finding_id,
        'subscriptions' as source_id,
        counted_rows as row_count,
        account_id,
        record_id || ' in ' || system_id as example
    from unmatched
    where problem = 'no_subscription' and system_id != 'usage_events'
    union all
    select
        'use_after_the_end' as finding_id,
        system_id as source_id,
        counted_rows as row_count,
        account_id,
        record_id as example
    from unmatched
    where problem = 'used_after_the_end'
    union all
    select
        'subscription_of_two_accounts' as finding_id,
        system_id as source_id,
        1 as row_count,
        account_id,
        record_id as example
    from unmatched
    where problem = 'held_by_two_accounts'
),

final as (
    {{ findings_of('things') }}
)

select * from final
