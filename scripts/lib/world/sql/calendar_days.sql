select
    region,
    calendar_date,
    kind,
    name,
    loaded_after(date '$first_day' - 1, 3) as loaded_at
from holidays
