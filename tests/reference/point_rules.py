"""Point rules: section 7 of docs/scoring.md, one account, rule and day after another."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .measures import Facts
from .plain import ONE_DAY, day_of, days_between
from .staging import Staged

ANY = "any"


@dataclass(frozen=True)
class PointRule:
    """A rule's row in a resolved version; `own` when the row is the version's own."""

    points: Fraction
    completion_days: int
    expires_after_days: int
    cooldown_days: int
    limit_points: Fraction
    own: bool

    def given(self, firings: int) -> Decimal:
        """The points of so many firings in force."""
        points = max(min(firings * self.points, self.limit_points), -self.limit_points)
        return Decimal(points.numerator) / Decimal(points.denominator)


class Events:
    """The days on which an account saw each kind of event, by key and by the key any."""

    def __init__(self, staged: Staged, facts: Facts) -> None:
        self._seen: dict[tuple, list[tuple[date, str]]] = defaultdict(list)
        for row in facts.used_events:
            if row["feature_key"] is not None:
                self._add(row, "feature", row["feature_key"], "occurred_at")
        for by_day in facts.tickets.values():
            for rows in by_day.values():
                for row in rows:
                    self._add(row, "ticket", row["kind"], "opened_at")
        for row in staged.rows["touchpoints"]:
            is_contact = not row["is_automated"] and row["attended"] is not False
            if is_contact and not facts.is_ours(row):
                self._add(row, row["kind"], row["direction"], "occurred_at")
        for row in staged.rows["trainings"]:
            if not facts.is_ours(row):
                self._add(row, "training", row["course"], "completed_at")
        for row in staged.rows["success_goals"]:
            self._add(row, "goal", row["status"], "status_changed_at")
        for row in staged.rows["advocacy_events"]:
            self._add(row, row["kind"], row["polarity"], "occurred_at")
        for by_day in facts.answers.values():
            for rows in by_day.values():
                for row in rows:
                    group = facts.survey_group(
                        row["kind"], row["score"], day_of(row["responded_at"])
                    )
                    key = group["group_id"] if group else None
                    self._add(row, row["kind"], key, "responded_at")

    def _add(self, row: dict, kind: str, key: str | None, column: str) -> None:
        for name in {key, ANY}:
            seen = day_of(row[column]), row.get("product_id") or "all"
            self._seen[row["account_id"], kind, name].append(seen)

    def days(self, account_id: str, kind: str, key: str) -> set[date]:
        """The days with such an event."""
        return {day for day, _ in self.seen(account_id, kind, key)}

    def seen(self, account_id: str, kind: str, key: str) -> list[tuple[date, str]]:
        """Day and product of each such event."""
        return self._seen.get((account_id, kind, key), [])


class PointRules:
    """The steps of all rules, and when each fires for an account in a spell."""

    def __init__(self, events: Events, steps: list[dict]) -> None:
        self.events = events
        self.steps: dict[str, list[dict]] = defaultdict(list)
        for step in sorted(steps, key=lambda step: int(step["step_number"])):
            self.steps[step["rule_id"]].append(step)
        self._firings: dict[tuple, list[date]] = {}

    def in_force(
        self, rule_id: str, rule: PointRule, account_id: str, spell: tuple[date, date], day: date
    ) -> int:
        """How many firings of the spell (its first and last day) count on the day."""
        key = (rule_id, rule.completion_days, rule.cooldown_days, account_id, spell)
        if key not in self._firings:
            self._firings[key] = self._fire(rule_id, rule, account_id, spell)
        counting = timedelta(days=rule.expires_after_days)
        return len([fired for fired in self._firings[key] if fired <= day < fired + counting])

    def _fire(
        self, rule_id: str, rule: PointRule, account_id: str, spell: tuple[date, date]
    ) -> list[date]:
        steps = self.steps[rule_id]
        happened = [
            {
                day
                for day in self.events.days(account_id, step["event_kind"], step["event_key"])
                if spell[0] <= day <= spell[1]
            }
            for step in steps
        ]
        # Each step by the days that complete it: the event on all of the days that end with it.
        done = [
            {
                day
                for day in days
                if all(
                    day - back * ONE_DAY in days for back in range(int(step["consecutive_days"]))
                )
            }
            for step, days in zip(steps, happened)
        ]
        firings: list[date] = []
        episodes: set[date] = set()
        for day in sorted(done[-1]):
            first_day = self._latest_first_day(done, day)
            if first_day is None or day not in days_between(
                first_day, first_day + (rule.completion_days - 1) * ONE_DAY
            ):
                continue
            episode = first_day
            while episode - ONE_DAY in happened[0]:
                episode -= ONE_DAY
            if episode in episodes:
                continue
            episodes.add(episode)
            if not firings or day >= firings[-1] + rule.cooldown_days * ONE_DAY:
                firings.append(day)
        return firings

    @staticmethod
    def _latest_first_day(done: list[set[date]], day: date) -> date | None:
        """The latest day of the first step from which all steps can follow, the last on `day`."""
        for first_day in sorted((start for start in done[0] if start <= day), reverse=True):
            reached: date | None = first_day
            for days in done[1:-1]:
                reached = min((one for one in days if one >= reached), default=None)
                if reached is None:
                    break
            if reached is not None and reached <= day:
                return first_day
        return None
