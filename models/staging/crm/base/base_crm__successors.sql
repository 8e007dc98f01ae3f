-- Account × days: which account it was on them, mergers alone. An account under a new number is the
-- new one on all days. Of two customers that became one, the older number is itself until the day
-- of the merger. Every account has every day once.
with accounts as (
    select account_id from {{ ref('stg_crm__accounts') }}
    group by account_id
),

mergers as (
    select * from {{ ref('base_crm__mergers') }}
    where is_applied
),

root_0 as (
    select
        accounts.account_id,
        coalesce(mergers.merged_into_account_id, accounts.account_id) as root_id
    from accounts
    left join mergers
        on accounts.account_id = mergers.account_id
        and not mergers.are_two_customers
),

{% for step in range(1, account_chain_steps() + 1) -%}
root_{{ step }} as (
    select
        chain.account_id,
        onwards.root_id
    from root_{{ step - 1 }} as chain
    inner join root_{{ step - 1 }} as onwards on chain.root_id = onwards.account_id
),

{% endfor -%}
roots as (
    select * from root_{{ account_chain_steps() }}
),

-- Two customers, by their latest numbers.
joined as (
    select
        mergers.account_id,
        roots.root_id,
        mergers.merged_on
    from mergers
    inner join roots on mergers.merged_into_account_id = roots.account_id
    where mergers.are_two_customers
),

follow_0 as (
    select
        account_id,
        root_id,
        root_id as successor_id,
        cast('1900-01-01' as date) as valid_from
    from roots
),

{% for step in range(1, account_chain_length() + 1) -%}
follow_{{ step }} as (
    select
        follow.account_id,
        follow.root_id,
        joined.root_id as successor_id,
        greatest(follow.valid_from, joined.merged_on) as valid_from
    from follow_{{ step - 1 }} as follow
    inner join joined on follow.successor_id = joined.account_id
),

{% endfor -%}
followed as (
    {% for step in range(account_chain_length() + 1) -%}
    select
        account_id,
        root_id,
        successor_id,
        valid_from,
        {{ step }} as step
    from follow_{{ step }}
    {{- '\n    union all\n    ' if not loop.last }}
    {%- endfor %}
),

-- Where a chain goes on at once, its last account counts.
bounded as (
    select
        account_id,
        root_id,
        successor_id,
        valid_from,
        lead(
            {{ add_days('valid_from', -1) }}, 1, cast('9999-12-31' as date)
        ) over (partition by account_id order by valid_from, step) as valid_to
    from followed
),

final as (
    select
        account_id,
        root_id,
        successor_id,
        valid_from,
        valid_to
    from bounded
    where valid_from <= valid_to
)

select * from final
