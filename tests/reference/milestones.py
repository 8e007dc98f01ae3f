"""Milestones: section 8 of docs/scoring.md, one account, spell and milestone after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from .plain import Dated, exact
from .point_rules import Events

NONE = "none"
ALL = "all"
TABLES = {
    "feature": "usage_events",
    "ticket": "support_tickets",
    "training": "trainings",
    "goal": "success_goals",
    **dict.fromkeys(("meeting", "call", "email", "webinar", "social"), "touchpoints"),
    **dict.fromkeys(("review", "reference", "referral"), "advocacy_events"),
    **dict.fromkeys(("nps", "csat", "ces"), "survey_responses"),
}


@dataclass(frozen=True)
class Pace:
    """Milestones of one account on one day: set, due, of which something can tell, reached."""

    set: int
    due: int
    told: int
    reached: int


class Milestones:
    """`values` gives the observed values of a signal on a day, one a product; `days` the scored days
    of a spell on which the account pays."""

    def __init__(
        self,
        rows: list[dict],
        events: Events,
        on: set[str],
        values: Callable[[str, object, str], Iterable[Fraction]],
        days: Callable[[str, int], Iterable[object]],
    ) -> None:
        told = [row for row in rows if row["event_kind"] == NONE or TABLES[row["event_kind"]] in on]
        self.rows = Dated(told, "milestone_id")
        self.events, self.values, self.days = events, values, days
        self._reached: dict[tuple, date | None] = {}

    def pace(self, as_of, segment_id: str, spell: tuple[date, date]) -> Pace:
        """What of the account's milestones is due by the day and reached by then."""
        found = [
            row
            for milestone_id in sorted(self.rows.keys)
            if (row := self.rows.row(milestone_id, as_of.day)) is not None
            and row["segment_id"] in ("any", segment_id)
            and (row["product_id"] == ALL or row["product_id"] in as_of.shares)
        ]
        due = [
            row
            for row in found
            if as_of.day >= as_of.spell_starts_on + timedelta(days=int(row["due_days"]))
        ]
        reached = told = 0
        for row in due:
            reached_on = self.reached_on(row, as_of, spell)
            if reached_on is not None and reached_on <= as_of.day:
                reached += 1
                told += 1
            elif row["signal_id"] == NONE or list(self.values(row["signal_id"], as_of, ALL)):
                told += 1
        return Pace(len(found), len(due), told, reached)

    def reached_on(self, row: dict, as_of, spell: tuple[date, date]) -> date | None:
        """The first day of the spell on which the condition held."""
        key = row["milestone_id"], row.get("valid_from"), as_of.account_id, as_of.spell_number
        if key not in self._reached:
            self._reached[key] = self._first_day(row, as_of, spell)
        return self._reached[key]

    def _first_day(self, row: dict, as_of, spell: tuple[date, date]) -> date | None:
        needed = exact(row["value"])
        if row["event_kind"] != NONE:
            seen = sorted(
                day
                for day, product_id in self.events.seen(
                    as_of.account_id, row["event_kind"], row["event_key"]
                )
                if spell[0] <= day <= spell[1] and row["product_id"] in (ALL, product_id)
            )
            return seen[int(-(-needed // 1)) - 1] if len(seen) >= needed else None
        for then in self.days(as_of.account_id, as_of.spell_number):
            for value in self.values(row["signal_id"], then, row["product_id"]):
                if value >= needed if row["operator"] == "at_least" else value <= needed:
                    return then.day
        return None
