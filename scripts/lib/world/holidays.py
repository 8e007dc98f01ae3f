"""Holidays and seasons per region: the rows of calendar_days, and the dips in usage they cause."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from lib.world.shape import Season


def calendar_rows(
    first_day: date, last_day: date, seasons: Iterable[Season]
) -> list[tuple[str, date, str, str]]:
    """Rows of (region, calendar_date, kind, name) from the first day to the last, both included."""
    rows: list[tuple[str, date, str, str]] = []
    for year in range(first_day.year, last_day.year + 1):
        rows += _holidays(year)
        rows += _seasons(year, seasons)
    return [row for row in rows if first_day <= row[1] <= last_day]


def _holidays(year: int) -> list[tuple[str, date, str, str]]:
    easter = _easter(year)
    monday, thursday = 0, 3
    days = [
        ("all", date(year, 1, 1), "New Year"),
        ("all", date(year, 12, 25), "Christmas Day"),
        ("eu", easter - timedelta(days=2), "Good Friday"),
        ("eu", easter + timedelta(days=1), "Easter Monday"),
        ("eu", date(year, 5, 1), "Labour Day"),
        ("eu", date(year, 12, 26), "Boxing Day"),
        ("us", _nth_weekday(year, 5, monday, -1), "Memorial Day"),
        ("us", date(year, 7, 4), "Independence Day"),
        ("us", _nth_weekday(year, 9, monday, 1), "Labor Day"),
        ("us", _nth_weekday(year, 11, thursday, 4), "Thanksgiving"),
        ("apac", date(year, 1, 26), "Australia Day"),
        ("apac", date(year, 4, 25), "Anzac Day"),
        ("apac", date(year, 11, 3), "Culture Day"),
    ]
    return [(region, day, "holiday", name) for region, day, name in days]


def _seasons(year: int, seasons: Iterable[Season]) -> list[tuple[str, date, str, str]]:
    rows = []
    for region, name, first, last in seasons:
        rows += _stretch(region, date(year, *first), date(year, *last), name)
    rows += _stretch("all", date(year, 12, 27), date(year, 12, 31), "year end")
    return rows


def _stretch(region: str, first: date, last: date, name: str) -> list[tuple[str, date, str, str]]:
    days = (last - first).days + 1
    return [(region, first + timedelta(days=n), "season", name) for n in range(days)]


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth given weekday (Monday is 0) of a month; -1 is the last."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
