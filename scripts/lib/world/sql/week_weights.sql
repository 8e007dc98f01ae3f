-- Region × week: how much of a usual week's use has happened by the end of each of its days (by_0
-- to by_6). Weekends are quiet, holidays and seasons too, and the year has a mild swing.
with days as (
    select
        regions.region,
        range as day,
        on_day(range) as calendar_date
    from range($days)
    cross join (values ('eu'), ('us'), ('apac')) as regions (region)
),

rests as (
    select
        days.region,
        days.day,
        count(*) filter (where calendar_days.kind = 'holiday') > 0 as is_holiday,
        count(*) filter (where calendar_days.kind = 'season') > 0 as is_season
    from days
    left join clean.calendar_days
        on days.calendar_date = calendar_days.calendar_date
        and calendar_days.region in (days.region, 'all')
    group by days.region, days.day
),

weighted as (
    select
        days.region,
        days.day // 7 as week,
        days.day % 7 as dow,
        case isodow(days.calendar_date)
            when 5 then 0.85 when 6 then 0.15 when 7 then 0.10 else 1.0
        end
        * case when rests.is_holiday then $holiday_factor else 1.0 end
        * case when rests.is_season then $season_factor else 1.0 end
        * (
            1.0 + $yearly_swing
            * cos(2.0 * pi() * (dayofyear(days.calendar_date) - $yearly_peak_day) / 365.0)
        ) as weight
    from days
    inner join rests on days.region = rests.region and days.day = rests.day
),

running as (
    select
        region,
        week,
        dow,
        round(
            sum(weight) over (partition by region, week order by dow), 9
        ) as up_to
    from weighted
)

select
    region,
    week,
    max(up_to) filter (where dow = 0) as by_0,
    max(up_to) filter (where dow = 1) as by_1,
    max(up_to) filter (where dow = 2) as by_2,
    max(up_to) filter (where dow = 3) as by_3,
    max(up_to) filter (where dow = 4) as by_4,
    max(up_to) filter (where dow = 5) as by_5,
    max(up_to) filter (where dow = 6) as by_6
from running
group by region, week
