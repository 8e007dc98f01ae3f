-- A draw is a hash of the seed, what it is for and the key of the row: the same row always draws
-- the same, whichever thread computes it. Hashing twice matters: one round leaves two draws for the
-- same key related (measured: correlation -0.6).
create macro uniform(key, purpose) as
    (hash(hash($seed, purpose, key)) >> 11)::double / 9007199254740992.0;

-- Standard normal (Box and Muller).
create macro normal(key, purpose) as
    sqrt(-2.0 * ln(1.0 - uniform(key, purpose || ':radius')))
    * cos(2.0 * pi() * uniform(key, purpose || ':angle'));

create macro logistic(x) as 1.0 / (1.0 + exp(-(x)));

-- A coefficient that moves from half time on (Drift in shape.py).
create macro drifted(first, last, week) as
    first + (last - first)
    * greatest(0.0, least(1.0, (week - $weeks / 2.0) / $drift_weeks));

create macro pick(choices, u) as choices[1 + floor(u * len(choices))::int];

-- Days count from the first day of the world.
create macro on_day(day) as date '$first_day' + day::int;
create macro day_of(some_date) as some_date - date '$first_day';

-- A moment in the working hours (UTC) of a day.
create macro at_work(day, u) as
    on_day(day)::timestamp + to_seconds(floor(25200 + 39600 * (u))::bigint);

-- Every source is loaded once, in the early morning (UTC) of the next day; what is older than the
-- world comes with the first load. Null dates are left out by greatest().
create macro loaded_after(some_date, minutes) as
    greatest(some_date + 1, date '$first_day')::timestamp
    + interval 3 hour + to_minutes(minutes::bigint);

create macro is_in_world(moment) as moment < date '$first_day' + $days;

create macro account_id(account_no) as 'acc_' || lpad(account_no::varchar, 6, '0');
create macro week_key(account_no, week) as account_no::bigint * 1000 + week;

-- A slot is a place for a person at an account. Its first holder may leave, and a successor comes.
create macro slot_key(account_no, slot) as account_no::bigint * 100000 + slot;
create macro user_id(account_no, slot, generation) as
    'usr_' || slot_key(account_no, slot) || '_' || generation;

-- The day on which the first holder of a slot leaves; null for never. Nobody leaves in the first
-- month, and planted accounts keep their people, save the sponsor who is planted to leave.
create macro slot_left_day(account_no, slot, account_first_day) as
    case
        when account_no = $sponsor_left_no and slot = 2 then $days - 21
        when account_no <= $planted then null
        when uniform(slot_key(account_no, slot), 'slot leaves') >= $user_turnover * $days / 365.0
            then null
        when floor($days * uniform(slot_key(account_no, slot), 'slot leaves on'))
            <= account_first_day + 30 then null
        else floor($days * uniform(slot_key(account_no, slot), 'slot leaves on'))::int
    end;

-- Who holds the slot on a day.
create macro holder_id(account_no, slot, account_first_day, day) as
    user_id(
        account_no,
        slot,
        case
            when day > coalesce(slot_left_day(account_no, slot, account_first_day), $days)
                then 1
            else 0
        end
    );
