-- Accounts that count for another one because the data say so and nobody else does, and pointers
-- from account to account that lead nowhere.
with mergers as (
    select * from {{ ref('base_crm__mergers') }}
),

links as (
    select * from {{ ref('stg_crm__account_links') }}
    where is_paid_by_parent
),

payers as (
    select * from {{ ref('base_crm__payers') }}
),

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

known_accounts as (
    select account_id from accounts
    group by account_id
),

parents as (
    select
        accounts.account_id,
        accounts.parent_account_id,
        known_accounts.account_id is not null as is_known
    from accounts
    left join known_accounts on accounts.parent_account_id = known_accounts.account_id
    where accounts.parent_account_id is not null
    group by accounts.account_id, accounts.parent_account_id, known_accounts.account_id
),

things as (
    select
        'merged_by_subscription' as finding_id,
        'subscriptions' as source_id,
        account_id,
        account_id || ' is now ' || merged_into_account_id as example
    from mergers
    where is_applied and basis = 'subscription'
    union all
    select
        'merger_splits' as finding_id,
        'subscriptions' as source_id,
        account_id,
        account_id as example
    from mergers
    where problem = 'split'
    union all
    select
        'merger_without_date' as finding_id,
        'accounts' as source_id,
        account_id,
        account_id as example
    from mergers
    where problem = 'undated'
    union all
    select
        'merger_into_unknown' as finding_id,
        'accounts' as source_id,
        account_id,
        account_id as example
    from mergers
    where problem = 'unknown'
    union all
    select
        'merger_in_circle' as finding_id,
        'accounts' as source_id,
        account_id,
        account_id as example
    from mergers
    where problem in ('circle', 'itself')
    union all
    select
        'parent_unknown' as finding_id,
        'accounts' as source_id,
        account_id,
        account_id as example
    from parents
    where not is_known
    union all
    select
        'parent_in_circle' as finding_id,
        'accounts' as source_id,
        account_id,
        account_id as example
    from payers
    where problem = 'circle'
    group by account_id
    union all
    select
        'parent_pays' as finding_id,
        'accounts' as source_id,
        account_id,
        account_id || ' counts for ' || counts_for_account_id as example
    from links
),

counted as (
    select
        finding_id,
        source_id,
        1 as row_count,
        account_id,
        example
    from things
),

final as (
    {{ findings_of('counted') }}
)

select * from final
