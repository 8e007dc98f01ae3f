-- Use by planted accounts, day by day: what each case promises, neither more nor less.
with cases as (
    select
        account_no,
        account_id,
        case_name
    from account_traits
    where is_planted
),

weekdays as (
    select
        range as day,
        on_day(range) as calendar_date
    from range($days)
    where isodow(on_day(range)) <= 5
),

-- Both schools: every one of 700 users once in each fortnight, on the same days.
schools as (
    select
        cases.account_no,
        $days - 1 - 14 * fortnights.range - 7 * ((slots.range % 10) // 5) - slots.range % 5 - 2
            as day,
        slots.range as slot,
        0 as turn,
        'edit_task' as feature_key,
        900 as duration_seconds
    from cases
    cross join range($school_fortnights) as fortnights
    cross join range(1, 701) as slots
    where cases.case_name in ('school_800', 'school_1000')
),

-- The pricing page on the numbered days of each case, from 60 days before the end.
pricing_days as (
    select *
    from (
        values
        ('pricing_three_days', [1, 2, 3]),
        ('pricing_with_gap', [1, 2, 4]),
        ('pricing_six_days', [1, 2, 3, 4, 5, 6]),
        ('pricing_no_question', [1, 2, 3])
    ) as pricing (case_name, visits)
),

pricing as (
    select
        cases.account_no,
        $days - 61 + unnest(pricing_days.visits) as day,
        1 as slot,
        0 as turn,
        'pricing_page' as feature_key,
        60 as duration_seconds
    from cases
    inner join pricing_days on cases.case_name = pricing_days.case_name
),

-- The same minutes, spread over 20 days of 28 or crowded into one.
steady as (
    select cases.account_no, weekdays.day, slots.range as slot, 0 as turn,
        'create_project' as feature_key, 1200 as duration_seconds
    from cases
    cross join weekdays
    cross join range(1, 6) as slots
    where cases.case_name = 'steady_use'
),

burst as (
    select cases.account_no, weekdays.day, slots.range as slot, turns.range as turn,
        'create_project' as feature_key, 1200 as duration_seconds
    from cases
    cross join weekdays
    cross join range(1, 6) as slots
    cross join range(20) as turns
    where cases.case_name = 'burst_use' and ($days - weekdays.day) % 28 = 12
),

-- Ten users a weekday; the fall to one comes at once, or a user at a time.
falling as (
    select cases.account_no, weekdays.day, slots.range as slot, 0 as turn,
        'edit_task' as feature_key, 900 as duration_seconds
    from cases
    cross join weekdays
    cross join range(1, 11) as slots
    where
        (cases.case_name = 'sudden_decline' and (weekdays.day < $days - 14 or slots.range = 1))
        or (
            cases.case_name = 'slow_drift'
            and slots.range <= 10 - floor(9.0 * greatest(0, weekdays.day - $days + 182) / 182)
        )
),

silent as (
    select cases.account_no, weekdays.day, slots.range as slot, 0 as turn,
        'comment' as feature_key, 600 as duration_seconds
    from cases
    cross join weekdays
    cross join range(1, 7) as slots
    where cases.case_name = 'silent'
),

scripted as (
    select * from schools
    union all by name
    select * from pricing
    union all by name
    select * from steady
    union all by name
    select * from burst
    union all by name
    select * from falling
    union all by name
    select * from silent
)

select
    'e' || concat_ws('_', scripted.account_no, scripted.day, scripted.slot, scripted.turn)
        as event_id,
    cases.account_id,
    user_id(scripted.account_no, scripted.slot, 0) as user_id,
    'workspace' as product_id,
    scripted.feature_key,
    on_day(scripted.day)::timestamp
    + to_seconds((32400 + 1260 * scripted.turn + 7 * scripted.slot)::bigint) as occurred_at,
    null::bigint as quantity,
    scripted.duration_seconds::bigint as duration_seconds,
    0::bigint as error_count,
    loaded_after(on_day(scripted.day), 5) as loaded_at,
    scripted.day // 7 as week
from scripted
inner join cases on scripted.account_no = cases.account_no
where scripted.day >= 0
