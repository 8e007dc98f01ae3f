"""The few helpers that everything here uses: days, windows, exact numbers, rounding, words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

ONE_DAY = timedelta(days=1)
OPEN_END = date(9999, 12, 31)


def day_of(moment: date | datetime | None) -> date | None:
    """The UTC day of a date or timestamp; timestamps without a zone are UTC."""
    if moment is None:
        return None
    if isinstance(moment, datetime):
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
        return moment.date()
    return moment


def naive_utc(moment: date | datetime | None) -> datetime | None:
    """A timestamp that can be compared with any other: UTC, without a zone."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment


@cache
def window(day: date, length: int, offset: int = 0) -> tuple[date, ...]:
    """The days of a window of `length` days that ends `offset` days before `day`, oldest first."""
    last = day - offset * ONE_DAY
    return tuple(last - back * ONE_DAY for back in range(length - 1, -1, -1))


@cache
def days_between(first: date, last: date) -> tuple[date, ...]:
    """Every day from first to last, both included; empty when last is before first."""
    return tuple(first + step * ONE_DAY for step in range((last - first).days + 1))


def exact(number: object) -> Fraction | None:
    """A number from a raw row or a seed as an exact fraction; null stays null."""
    if number is None or isinstance(number, Fraction):
        return number
    if isinstance(number, str):
        return written(number)
    return Fraction(repr(number) if isinstance(number, float) else number)


@cache
def written(text: str) -> Fraction:
    """The number that a text says; seeds say the same few again and again."""
    return Fraction(text)


def rounded(number: Fraction, places: int) -> Decimal:
    """Rounded half away from zero, as a decimal with exactly `places` places."""
    over, under = number.as_integer_ratio()
    whole = (2 * abs(over) * 10**places + under) // (2 * under)
    if over < 0:
        whole = -whole
    return Decimal(whole).scaleb(-places)


def word(text: object) -> str | None:
    """A word for comparison: outer blanks and case do not count."""
    if text is None:
        return None
    return str(text).strip(" ").lower()


def seed_date(text: str, when_none: date) -> date:
    """A date of a seed, where the word none stands for no limit."""
    if word(text) in ("none", ""):
        return when_none
    return date.fromisoformat(text.strip())


class Dated:
    """Rows of a seed that hold from their valid_from until the next day on which their key has rows."""

    def __init__(self, rows: list[dict], key: str) -> None:
        self._since: dict[str, dict[date, list[dict]]] = {}
        for row in rows:
            since = seed_date(row.get("valid_from", "none"), date.min)
            self._since.setdefault(row[key], {}).setdefault(since, []).append(row)

    @property
    def keys(self) -> set[str]:
        """Whatever has a row at any time."""
        return set(self._since)

    def first_days(self, key: str) -> list[date]:
        """The days on which rows of the key begin."""
        return list(self._since.get(key, {}))

    def rows(self, key: str, day: date) -> list[dict]:
        """The rows of a key that hold on the day."""
        begun = [since for since in self._since.get(key, {}) if since <= day]
        return self._since[key][max(begun)] if begun else []

    def row(self, key: str, day: date) -> dict | None:
        """The one row of a key that holds on the day."""
        return next(iter(self.rows(key, day)), None)
