-- The people of each account. Slot 1 is the champion, slot 2 the executive sponsor (where there is
-- one); slot 0 is one of our own people, in some accounts.
with first_holders as (
    select *, 0 as generation, created_day as since_day, left_day as until_day
    from user_slots
    where coalesce(left_day, $never) >= created_day
),

-- The successor comes on the day the first holder leaves; a slot that is made only after that day
-- has nobody but its second holder.
successors as (
    select
        *,
        1 as generation,
        greatest(left_day, created_day) as since_day,
        null::int as until_day
    from user_slots
    where left_day is not null
),

internal as (
    select
        account_no,
        account_id,
        case_name,
        first_day,
        false as has_sponsor,
        0 as slot,
        first_day as created_day,
        null::int as left_day,
        0 as generation,
        first_day as since_day,
        null::int as until_day
    from account_traits
    where has_internal_user
),

holders as (
    select * from first_holders
    union all by name
    select * from successors
    union all by name
    select * from internal
),

named as (
    select
        *,
        user_id(account_no, slot, generation) as user_id,
        -- Of sponsors who leave, only half are followed by another sponsor; of champions, more.
        slot = 2 and has_sponsor
        and (
            generation = 0
            or (case_name is null and uniform(account_no, 'sponsor replaced') < 0.5)
        ) as is_sponsor,
        slot = 1
        and (
            generation = 0
            or (case_name is null and uniform(account_no, 'champion replaced') < 0.7)
        ) as is_champion,
        pick(
            [
                'Alma', 'Bruno', 'Chiara', 'Dario', 'Elif', 'Farah', 'Goran', 'Hana', 'Ivo', 'Jana',
                'Kofi', 'Lena', 'Mateo', 'Nadia', 'Omar', 'Priya', 'Quinn', 'Rosa', 'Sven', 'Tara'
            ],
            uniform(slot_key(account_no, slot), 'first name' || generation)
        ) as first_name,
        pick(
            [
                'Adler', 'Bauer', 'Costa', 'Duarte', 'Eriksen', 'Fischer', 'Garcia', 'Hansen',
                'Ito', 'Jensen', 'Kumar', 'Lopez', 'Moreau', 'Novak', 'Okafor', 'Patel', 'Rossi',
                'Sato', 'Tanaka', 'Weber'
            ],
            uniform(slot_key(account_no, slot), 'last name' || generation)
        ) as last_name
    from holders
    where since_day < $days
)

select
    user_id,
    account_id,
    first_name || ' ' || last_name as full_name,
    lower(first_name || '.' || last_name) || '.' || slot || generation || '@' || account_id
    || '.example' as email,
    case
        when slot = 0 then 'consultant'
        when slot = 1 then 'admin'
        when is_sponsor then 'executive'
        else pick(
            ['member', 'member', 'member', 'analyst', 'buyer'],
            uniform(slot_key(account_no, slot), 'role')
        )
    end as role,
    case when has_sponsor then is_sponsor end as is_executive_sponsor,
    case when uniform(account_no, 'champion known') < 0.9 then is_champion end as is_champion,
    slot = 0 as is_internal,
    -- The first and the last second of a day: nobody uses the product before they exist or after.
    on_day(since_day)::timestamp as created_at,
    on_day(until_day)::timestamp + interval 86399 second as left_at,
    loaded_after(on_day(greatest(since_day, until_day)), 13) as loaded_at
from named
