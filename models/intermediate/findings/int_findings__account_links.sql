-- Accounts that count for another one because the data say so and nobody else does, and pointers
-- from account to account that lead nowhere.
with mergers as (
    select * from {{ ref('base_crm__mergers') }}
),

links as (
    select * from {{ ref('stg_crm__account_links') }}
    where counts_for_account_id != account_id
),

subscriptions as (
    {{ staged_rows(ref('base_billing__subscriptions')) }}
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

-- Periods under an old number beside those of the same product under the new one.
still_paying as (
    select
        links.counts_for_account_id as account_id,
        older.subscription_id,
        older.starts_on
    from links
    inner join subscriptions as older on links.account_id = older.account_id
    inner join subscriptions as newer
        on links.counts_for_account_id = newer.account_id
        and older.product_id = newer.product_id
        and older.starts_on <= coalesce(newer.ends_on, cast('9999-12-31' as date))
        and newer.starts_on <= coalesce(older.ends_on, cast('9999-12-31' as date))
    where links.people_of_account_id is null
    group by links.counts_for_account_id, older.subscription_id, older.starts_on
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
    where is_paid_by_parent
    union all
    select
        'old_number_still_pays' as finding_id,
        'subscriptions' as source_id,
        account_id,
        subscription_id as example
    from still_paying
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
