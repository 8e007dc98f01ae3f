-- Tickets that are said to be merged and count all the same, since the pointer leads to nothing
-- that counts.
with tickets as (
    select * from {{ ref('int_activity__tickets') }}
),

things as (
    select
        'merge_undone' as finding_id,
        'support_tickets' as source_id,
        1 as row_count,
        account_id,
        ticket_id as example
    from tickets
    where is_merge_undone
),

final as (
    {{ findings_of('things') }}
)

select * from final
