-- Account that became another one, and from which day on. The contract says so, or the
-- subscriptions do: one that ends in an account and goes on in another on the next day is one
-- customer under two numbers. `problem` says why a merger is not applied.
with accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

subscriptions as (
    {{ staged_rows(ref('base_billing__subscriptions')) }}
),

data_clock as (
    select * from {{ ref('stg_product__data_clock') }}
),

known_accounts as (
    select account_id from accounts
    group by account_id
),

paid as (
    select
        account_id,
        min(starts_on) as first_paid_on,
        max(coalesce(ends_on, cast('9999-01-01' as date))) as last_paid_on
    from subscriptions
    group by account_id
),

named as (
    select
        account_id,
        merged_into_account_id,
        merged_on,
        row_number() over (partition by account_id order by valid_from desc) as choice
    from accounts
    where merged_into_account_id is not null
),

holders as (
    select
        subscription_id,
        account_id,
        min(starts_on) as starts_on,
        max(coalesce(ends_on, cast('9999-01-01' as date))) as ends_on
    from subscriptions
    group by subscription_id, account_id
),

handed_over as (
    select
        subscription_id,
        account_id,
        ends_on,
        lead(account_id) over (
            partition by subscription_id order by starts_on, account_id
        ) as next_account_id,
        lead(starts_on) over (
            partition by subscription_id order by starts_on, account_id
        ) as next_starts_on
    from holders
),

-- A number that accounts share without such a change from one to the next is no subscription's own.
shared as (
    select subscription_id
    from handed_over
    where
        next_account_id is not null
        and next_starts_on != {{ add_days('ends_on', 1) }}
    group by subscription_id
),

-- Who pays for something else goes on as a customer.
continued as (
    select
        handed_over.account_id,
        min(handed_over.next_account_id) as merged_into_account_id,
        max(handed_over.next_account_id) as other_account_id,
        max(handed_over.next_starts_on) as merged_on
    from handed_over
    inner join paid
        on handed_over.account_id = paid.account_id
        and handed_over.ends_on = paid.last_paid_on
    left join shared on handed_over.subscription_id = shared.subscription_id
    where handed_over.next_account_id is not null and shared.subscription_id is null
    group by handed_over.account_id
),

said as (
    select
        known_accounts.account_id,
        case when named.account_id is null then 'subscription' else 'contract' end as basis,
        coalesce(named.merged_into_account_id, continued.merged_into_account_id)
            as merged_into_account_id,
        case
            when named.account_id is null then continued.merged_on
            when named.merged_on is not null then named.merged_on
            when
                named.merged_into_account_id = continued.merged_into_account_id
                and named.merged_into_account_id = continued.other_account_id
                then continued.merged_on
        end as merged_on,
        coalesce(
            named.account_id is null
            and continued.merged_into_account_id != continued.other_account_id,
            false
        ) as is_split
    from known_accounts
    left join named
        on known_accounts.account_id = named.account_id
        and named.choice = 1
    left join continued on known_accounts.account_id = continued.account_id
    where named.account_id is not null or continued.account_id is not null
),

judged as (
    select
        said.*,
        case
            when said.merged_into_account_id = said.account_id then 'itself'
            when targets.account_id is null then 'unknown'
            when said.merged_on is null then 'undated'
            when said.is_split then 'split'
        end as problem
    from said
    left join known_accounts as targets on said.merged_into_account_id = targets.account_id
),

usable as (
    select * from judged
    where problem is null
),

-- Each step looks at the end of the chain so far, and so doubles it.
step_0 as (
    select
        account_id,
        merged_into_account_id as reached
    from usable
),

{% for step in range(1, account_chain_steps() + 1) -%}
step_{{ step }} as (
    select
        chain.account_id,
        coalesce(onwards.reached, chain.reached) as reached
    from step_{{ step - 1 }} as chain
    left join step_{{ step - 1 }} as onwards on chain.reached = onwards.account_id
),

{% endfor -%}
endless as (
    select chain.account_id
    from step_{{ account_chain_steps() }} as chain
    inner join usable on chain.reached = usable.account_id
),

final as (
    select
        judged.account_id,
        judged.merged_into_account_id,
        judged.merged_on,
        judged.basis,
        case when endless.account_id is not null then 'circle' else judged.problem end as problem,
        coalesce(
            judged.problem is null
            and endless.account_id is null
            and judged.merged_on <= data_clock.last_complete_day,
            false
        ) as is_applied,
        -- Two customers who became one each keep their own past.
        coalesce(
            own.first_paid_on < judged.merged_on and other.first_paid_on < judged.merged_on, false
        ) as are_two_customers
    from judged
    cross join data_clock
    left join endless on judged.account_id = endless.account_id
    left join paid as own on judged.account_id = own.account_id
    left join paid as other on judged.merged_into_account_id = other.account_id
)

select * from final
