"""Which account a row counts for: mergers and parents that pay, section 2 of docs/scoring.md."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from .plain import ONE_DAY, OPEN_END, day_of

SINCE_EVER = date(1900, 1, 1)


@dataclass
class Merger:
    """The account became `target` on `day`; the past comes along unless both were customers."""

    target: str
    day: date
    with_the_past: bool


class Links:
    """Asked of one account and one day at a time, from staged rows under their own accounts."""

    def __init__(self, accounts: list[dict], subscriptions: list[dict], today: date | None) -> None:
        self.history: dict[str, list[dict]] = defaultdict(list)
        for row in sorted(accounts, key=lambda row: day_of(row["valid_from"])):
            self.history[row["account_id"]].append(row)
        self.subscriptions: dict[str, list[dict]] = defaultdict(list)
        for row in subscriptions:
            self.subscriptions[row["account_id"]].append(row)

        continued = self._said_by_subscriptions(subscriptions)
        said = {
            account_id: (target, day)
            for account_id, (target, day) in {**continued, **self._said_by_accounts(continued)}.items()
            if target in self.history and target != account_id and day is not None
        }
        self.mergers = {
            account_id: Merger(
                target, day, not (self._paid_before(account_id, day) and self._paid_before(target, day))
            )
            for account_id, (target, day) in said.items()
            if today is not None and day <= today and not goes_in_a_circle(account_id, said)
        }
        self.days = sorted(
            {SINCE_EVER}
            | {merger.day for merger in self.mergers.values()}
            | {day_of(row["valid_from"]) for row in accounts}
        )
        self._found: dict[tuple[str, date], str] = {}
        self.paying = {self.present_number(account_id) for account_id in self.subscriptions}

    def _said_by_accounts(self, continued: dict) -> dict:
        """Accounts whose own rows name another; a missing day is that of the subscriptions."""
        said = {}
        for account_id, rows in self.history.items():
            named = [row for row in rows if row.get("merged_into_account_id") is not None]
            if named:
                target, day = named[-1]["merged_into_account_id"], day_of(named[-1]["merged_on"])
                if day is None and continued.get(account_id, (None, None))[0] == target:
                    day = continued[account_id][1]
                said[account_id] = target, day
        return said

    def _said_by_subscriptions(self, subscriptions: list[dict]) -> dict:
        """Accounts whose last subscription goes on in another account on the next day."""
        holders: dict[str, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
        for row in subscriptions:
            days = holders[row["subscription_id"]][row["account_id"]]
            days += [day_of(row["starts_on"]), day_of(row["ends_on"]) or OPEN_END]
        targets: dict[str, set] = defaultdict(set)
        for accounts in holders.values():
            spans = sorted((min(days), account_id, max(days)) for account_id, days in accounts.items())
            pairs = list(pairwise(spans))
            if all(end < OPEN_END and end + ONE_DAY == start for (_, _, end), (start, _, _) in pairs):
                for (_, account_id, end), (start, target, _) in pairs:
                    ends = [day_of(row["ends_on"]) for row in self.subscriptions[account_id]]
                    if None not in ends and max(ends) == end:
                        targets[account_id].add((target, start))
        return {
            account_id: next(iter(found)) if len(found) == 1 else (None, None)
            for account_id, found in targets.items()
        }

    def _paid_before(self, account_id: str, day: date) -> bool:
        return any(day_of(row["starts_on"]) < day for row in self.subscriptions.get(account_id, []))

    def present_number(self, account_id: str) -> str:
        """The account under its latest number."""
        while account_id in self.mergers and self.mergers[account_id].with_the_past:
            account_id = self.mergers[account_id].target
        return account_id

    def successor(self, account_id: str, day: date) -> str:
        """The account that this one was on the day, mergers alone."""
        account_id = self.present_number(account_id)
        merger = self.mergers.get(account_id)
        return self.successor(merger.target, day) if merger and day >= merger.day else account_id

    def parent(self, account_id: str, day: date) -> str | None:
        """The account above on the day, under its latest number; None for none that is known."""
        in_force = self.history[account_id][0]
        for row in self.history[account_id]:
            if day_of(row["valid_from"]) <= day:
                in_force = row
        above = in_force.get("parent_account_id")
        return self.present_number(above) if above in self.history else None

    def payer(self, account_id: str, day: date) -> str:
        """The account itself, or the nearest above it that has a subscription."""
        above, seen = account_id, set()
        while above is not None and above not in self.paying and above not in seen:
            seen.add(above)
            above = self.parent(above, day)
        return above if above in self.paying else account_id

    def counts_for(self, account_id: str, day: date) -> str:
        """The account for which a row of this day counts."""
        last_change = self.days[bisect_right(self.days, day) - 1]
        key = account_id, last_change
        if key not in self._found:
            successor = self.successor(account_id, last_change)
            self._found[key] = self.successor(self.payer(successor, last_change), last_change)
        return self._found[key]

    def person(self, account_id: str, day: date, user_id: str | None) -> str | None:
        """People of two accounts are two people; of two numbers of one account they are not."""
        number = self.present_number(account_id)
        if user_id is None or self.counts_for(account_id, day) == number:
            return user_id
        return f"{number}/{user_id}"

    def stretches(self, account_id: str) -> list[tuple[date, date, str]]:
        """First day, last day and account counted for, of each stretch on which it stays the same."""
        found: list[tuple[date, date, str]] = []
        for first, after in zip(self.days, [*self.days[1:], None], strict=True):
            last = OPEN_END if after is None else after - ONE_DAY
            target = self.counts_for(account_id, first)
            if found and found[-1][2] == target:
                found[-1] = found[-1][0], last, target
            else:
                found.append((first, last, target))
        return found


def goes_in_a_circle(account_id: str, said: dict) -> bool:
    """Whether an account that is named one after another comes up again."""
    seen = set()
    while account_id in said and account_id not in seen:
        seen.add(account_id)
        account_id = said[account_id][0]
    return account_id in seen
