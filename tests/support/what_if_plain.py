"""The figures of a comparison of versions, worked out day by day in plain Python from the tables.

Written from docs/what_if.md and not from scripts/lib/what_if: no stints, no SQL beyond reading rows.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

ONE = timedelta(days=1)


class Plain:
    """A warehouse's rows of one live series and one shadow, by account and day."""

    def __init__(self, database: Path, card: str, shadow: int, since: date | None = None) -> None:
        self.database = database
        ranks = {
            row[:3]: row[3]
            for row in self.rows(
                "select scorecard_id, scorecard_version, band_id, band_rank"
                " from staging.stg_scorecard__bands"
            )
        }
        live, shadows = {}, {}
        for account, day, card_id, number, status, band in self.rows(
            "select account_id, as_of_date, scorecard_id, scorecard_version, status, band"
            " from intermediate.int_scoring__bands"
        ):
            found = (band, ranks.get((card_id, number, band)), card_id)
            if status == "live":
                live[account, day] = found
            elif (card_id, number) == (card, shadow):
                shadows[account, day] = found
        both = [key for key in live if live[key][2] == card and key in shadows]
        self.first_day = max(min(day for _, day in both), since or date.min)
        self.last_day = max(day for _, day in both)
        self.compared = {key for key in both if self.first_day <= key[1]}
        self.churned_on = {
            (account, spell): day
            for account, spell, day in self.rows(
                "select account_id, spell_number, churned_on from marts.churn_dates"
            )
            if day <= self.last_day
        }
        # Account and spell -> its days in order; attributes and bands by account and day.
        self.spells: dict[tuple[str, int], list[date]] = defaultdict(list)
        self.owner, self.revenue = {}, {}
        self.bands: dict[str, dict[tuple[str, date], tuple[str, int | None]]] = {
            "live": {}, "shadow": {},
        }  # fmt: skip
        for account, day, spell, owner, revenue in self.rows(
            "select account_id, as_of_date, spell_number, owner_id, recurring_revenue"
            " from marts.account_health_daily order by as_of_date"
        ):
            if not self.first_day <= day <= self.last_day:
                continue
            key = (account, day)
            self.spells[account, spell].append(day)
            self.owner[key], self.revenue[key] = owner, revenue
            now = live.get(key, ("unknown", None, None))[:2]
            self.bands["live"][key] = now
            self.bands["shadow"][key] = shadows[key][:2] if key in self.compared else now

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def known_days(self, spell: tuple[str, int]) -> list[date]:
        """The days of a spell before leaving was decided."""
        churned_on = self.churned_on.get(spell, date.max)
        return [day for day in self.spells[spell] if day < churned_on]

    def migrations(self, day: date | None = None) -> dict[tuple[str, str], tuple]:
        """(live band, shadow band) -> accounts, account-days, revenue (of a day or of the mean day)."""
        keys = [key for key in self.compared if day in (None, key[1])]
        days = len({key[1] for key in keys})
        found = defaultdict(lambda: [set(), 0, Decimal(0)])
        for key in keys:
            cell = found[self.bands["live"][key][0], self.bands["shadow"][key][0]]
            cell[0].add(key[0])
            cell[1] += 1
            cell[2] += self.revenue[key] or 0
        return {
            bands: (len(accounts), number, float(revenue / days))
            for bands, (accounts, number, revenue) in found.items()
        }

    def entries(self, side: str) -> dict[tuple[str | None, date], tuple[int, int]]:
        """(owner, Monday) -> entries of accounts compared, and of the owner's others."""
        counts: Counter = Counter()
        weeks = set()
        for spell in self.spells:
            days = self.known_days(spell)
            last = None
            for day in days:
                key = (spell[0], day)
                week = (self.owner[key], day - day.weekday() * ONE)
                if key in self.compared:
                    weeks.add(week)
                rank = self.bands[side][key][1]
                if rank is None:
                    continue
                new = days[0] > self.first_day if last is None else last != 1
                if rank == 1 and new:
                    counts[week, key in self.compared] += 1
                last = rank
        return {week: (counts[week, True], counts[week, False]) for week in weeks}

    def changes(self, side: str, flap_days: int) -> tuple[float, int, int]:
        """Account-years, changes and flaps; a day of a weekly history stands for its week."""
        lived, changes, flaps = 0, 0, 0
        for spell in self.spells:
            days = self.known_days(spell)
            made: list[tuple[date, str, str]] = []
            before: str | None = None
            for place, day in enumerate(days):
                key = (spell[0], day)
                band, rank = self.bands[side][key]
                if key not in self.compared:
                    made, before = [], None
                    continue
                if rank is None:
                    continue
                lived += (days[place + 1] - day).days if place + 1 < len(days) else 1
                if before is not None and band != before:
                    changes += 1
                    if made and made[-1][1] == band and (day - made[-1][0]).days <= flap_days:
                        flaps += 1
                    made.append((day, before, band))
                before = band
        return lived / 365.25, changes, flaps

    def churn(
        self, side: str, horizon: str, horizon_days: int, gap_days: int
    ) -> dict[str, tuple[int, int, int, int]]:
        """Band -> observations, accounts, churned observations, churned accounts."""
        spell_of = {
            (spell[0], day): spell for spell, days in self.spells.items() for day in days
        }
        found = defaultdict(lambda: [0, set(), 0, set()])
        for account, day, is_censored, is_in_gap in self.rows(
            "select account_id, observation_date, is_censored, is_churned_in_gap"
            f" from marts.health_outcomes where horizon_id = '{horizon}'"
        ):
            if is_censored or is_in_gap or (account, day) not in self.compared:
                continue
            churned_on = self.churned_on.get(spell_of[account, day], date.max)
            opens = day + gap_days * ONE
            churned = opens < churned_on <= opens + horizon_days * ONE
            cell = found[self.bands[side][account, day][0]]
            cell[0] += 1
            cell[1].add(account)
            if churned:
                cell[2] += 1
                cell[3].add(account)
        return {band: (n, len(who), c, len(left)) for band, (n, who, c, left) in found.items()}

    def lead(self, side: str, window: int) -> dict[str, object]:
        """Leavers with a whole window before, those warned in it, days of warning; stayers likewise."""
        leavers, leads, there, warned = 0, [], 0, 0
        stayers = [spell for spell in self.spells if spell not in self.churned_on]
        for spell, churned_on in self.churned_on.items():
            opens = churned_on - window * ONE
            mine = [day for day in self.known_days(spell) if (spell[0], day) in self.compared]
            if opens < self.first_day or not [day for day in mine if day >= opens]:
                continue
            leavers += 1
            red = self.red_days(spell[0], mine, side, opens, churned_on)
            if red:
                leads.append((churned_on - red[0]).days)
            for stayer in stayers:
                days = [day for day in self.spells[stayer] if (stayer[0], day) in self.compared]
                if days and days[0] < churned_on and days[-1] >= churned_on - ONE:
                    there += 1
                    warned += bool(self.red_days(stayer[0], days, side, opens, churned_on))
        return {
            "leavers": leavers,
            "leavers_warned": len(leads),
            "leavers_share": len(leads) / leavers if leavers else None,
            "stayers_share": warned / there if there else None,
            "median": statistics.median(leads) if leads else None,
        }

    def red_days(
        self, account: str, days: list[date], side: str, opens: date, churned_on: date
    ) -> list[date]:
        return [
            day
            for day in days
            if opens <= day < churned_on and self.bands[side][account, day][1] == 1
        ]
