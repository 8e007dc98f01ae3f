-- Contacts with the people of the customer, and what each was. What a machine sent or opened is no
-- contact, and our own people are not the customer.
with touchpoints as (
    select * from {{ ref('stg_crm__touchpoints') }}
    where not is_automated
),

-- A meeting of which nothing says that nobody came was held, and then both sides spoke.
described as (
    select
        touchpoints.touchpoint_id,
        touchpoints.account_id,
        touchpoints.user_id,
        lower(people.role) as role,
        coalesce(people.is_executive_sponsor, false) as is_with_sponsor,
        touchpoints.kind,
        touchpoints.direction,
        touchpoints.attended,
        touchpoints.kind = 'meeting' and coalesce(touchpoints.attended, true) as is_held_meeting,
        coalesce(
            touchpoints.is_two_way,
            touchpoints.kind = 'meeting' and coalesce(touchpoints.attended, true)
        ) as is_two_way,
        coalesce(touchpoints.direction = 'inbound', false) as is_inbound,
        cast(touchpoints.occurred_at as date) as occurred_on
    from touchpoints
    {{ join_people('touchpoints') }}
    where not {{ is_our_own() }}
),

final as (
    select
        *,
        is_two_way or is_inbound or coalesce(attended, false) as is_engaged
    from described
)

select * from final
