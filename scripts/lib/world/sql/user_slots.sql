-- One row per slot of an account: the people who may use it, and the day on which the first holder
-- of each slot was created: with the account, or with the seats that made room for them.
with seats_over_time as (
    select
        account_no,
        day,
        max(seats) over (partition by account_no order by day, spell) as most_seats
    from seat_steps
),

slots as (
    select
        account_no,
        unnest(range(1, greatest(max(most_seats), 2) + 1)) as slot
    from seats_over_time
    group by account_no
),

created as (
    select
        slots.account_no,
        slots.slot,
        min(seats_over_time.day) as created_day
    from slots
    inner join seats_over_time
        on slots.account_no = seats_over_time.account_no
        and (seats_over_time.most_seats >= slots.slot or slots.slot <= 2)
    group by slots.account_no, slots.slot
)

select
    account_traits.account_no,
    account_traits.account_id,
    account_traits.case_name,
    account_traits.first_day,
    account_traits.has_sponsor,
    created.slot,
    created.created_day,
    slot_left_day(account_traits.account_no, created.slot, account_traits.first_day) as left_day
from created
inner join account_traits on created.account_no = account_traits.account_no
where not account_traits.is_bare
