-- Account × days: the account that pays for it. An account without a subscription of its own counts
-- for the nearest account above it that has one. An account for which nobody pays counts for
-- itself, and `problem` says why no payer was found. Every account has every day once.
with accounts as (
    select
        account_id,
        parent_account_id,
        row_number() over (partition by account_id order by valid_from) as version_number,
        valid_from,
        lead(
            {{ add_days('valid_from', -1) }}, 1, cast('9999-12-31' as date)
        ) over (partition by account_id order by valid_from) as valid_to
    from {{ ref('stg_crm__accounts') }}
),

subscriptions as (
    {{ staged_rows(ref('base_billing__subscriptions')) }}
),

successors as (
    select * from {{ ref('base_crm__successors') }}
),

-- What any of its numbers pays is paid by the account.
paying as (
    select successors.root_id as account_id
    from subscriptions
    inner join successors on subscriptions.account_id = successors.account_id
    group by successors.root_id
),

numbers as (
    select
        account_id,
        root_id
    from successors
    group by account_id, root_id
),

-- Before the earliest row the earliest holds.
parents as (
    select
        accounts.account_id,
        case
            when accounts.version_number = 1 then cast('1900-01-01' as date)
            else accounts.valid_from
        end as valid_from,
        accounts.valid_to,
        accounts.parent_account_id,
        numbers.root_id as parent_id,
        paying.account_id is not null as parent_pays
    from accounts
    left join numbers on accounts.parent_account_id = numbers.account_id
    left join paying on numbers.root_id = paying.account_id
),

step_1 as (
    select
        parents.account_id,
        parents.valid_from,
        parents.valid_to,
        parents.parent_account_id,
        parents.parent_id,
        parents.parent_pays
    from parents
    left join paying on parents.account_id = paying.account_id
    where paying.account_id is null
),

{% for step in range(2, account_chain_length() + 1) -%}
step_{{ step }} as (
    select
        below.account_id,
        greatest(below.valid_from, parents.valid_from) as valid_from,
        least(below.valid_to, parents.valid_to) as valid_to,
        parents.parent_account_id,
        parents.parent_id,
        parents.parent_pays
    from step_{{ step - 1 }} as below
    inner join parents
        on below.parent_id = parents.account_id
        and below.valid_from <= parents.valid_to
        and below.valid_to >= parents.valid_from
    where not below.parent_pays
),

{% endfor -%}
followed as (
    {% for step in range(1, account_chain_length() + 1) -%}
    select
        account_id,
        valid_from,
        valid_to,
        parent_account_id,
        parent_id,
        parent_pays
    from step_{{ step }}
    {%- if not loop.last %}
    where parent_pays or parent_id is null
    union all
    {% endif %}
    {%- endfor %}
),

final as (
    select
        account_id,
        case when parent_pays then parent_id else account_id end as payer_id,
        valid_from,
        valid_to,
        case
            when parent_pays or parent_account_id is null then null
            when parent_id is null then 'unknown'
            else 'circle'
        end as problem
    from followed
)

select * from final
