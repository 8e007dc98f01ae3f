{{ config(materialized='table', post_hook="{{ refresh_statistics(this) }}") }}

-- Account × days: the account that its rows of these days count for. Mergers are followed, then the
-- parent that pays, then the mergers of the parent. Every account has every day once.
with successors as (
    select * from {{ ref('base_crm__successors') }}
),

payers as (
    select * from {{ ref('base_crm__payers') }}
),

paid_for as (
    select
        successors.account_id,
        successors.root_id,
        coalesce(payers.payer_id, successors.successor_id) as payer_id,
        coalesce(payers.payer_id != payers.account_id, false) as is_paid_by_parent,
        case
            when payers.account_id is null then successors.valid_from
            else greatest(successors.valid_from, payers.valid_from)
        end as valid_from,
        case
            when payers.account_id is null then successors.valid_to
            else least(successors.valid_to, payers.valid_to)
        end as valid_to
    from successors
    left join payers
        on successors.successor_id = payers.account_id
        and successors.valid_from <= payers.valid_to
        and successors.valid_to >= payers.valid_from
),

counted as (
    select
        paid_for.account_id,
        paid_for.root_id,
        paid_for.is_paid_by_parent,
        successors.successor_id as counts_for_account_id,
        greatest(paid_for.valid_from, successors.valid_from) as valid_from,
        least(paid_for.valid_to, successors.valid_to) as valid_to
    from paid_for
    inner join successors
        on paid_for.payer_id = successors.account_id
        and paid_for.valid_from <= successors.valid_to
        and paid_for.valid_to >= successors.valid_from
),

-- What changes about an account need not change whom it counts for.
preceded as (
    select
        *,
        lag(counts_for_account_id) over (
            partition by account_id order by valid_from
        ) as counted_before_for
    from counted
),

numbered as (
    select
        *,
        sum(case when counts_for_account_id = counted_before_for then 0 else 1 end) over (
            partition by account_id order by valid_from
        ) as stretch_number
    from preceded
),

final as (
    select
        account_id,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        min(counts_for_account_id) as counts_for_account_id,
        -- Whose people they are, where they are not those of the account itself.
        min(case when counts_for_account_id != root_id then root_id end) as people_of_account_id,
        max(case when is_paid_by_parent then 1 else 0 end) = 1 as is_paid_by_parent
    from numbered
    group by account_id, stretch_number
)

select * from final
