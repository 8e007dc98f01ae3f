"""What a CSM and a manager would live through under each version: entries, warning time, flaps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

import numpy as np

from lib.validation import limits

from .reading import History, Horizon, Migration, Stint

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class OwnerWeek:
    """Entries into the worst band in one week of one CSM (None: nobody owns the accounts).

    compared: of accounts that the compared scorecard scores; elsewhere: of the CSM's other accounts,
    which no version of this scorecard changes.
    """

    owner_id: str | None
    week_starts_on: date
    compared: int
    elsewhere: int

    @property
    def total(self) -> int:
        return self.compared + self.elsewhere


@dataclass(frozen=True)
class LeadTime:
    """Leavers who were in the worst band in their last `days` days, beside stayers in the same days.

    lead_days: quartiles of days from the first such day to the churn, among leavers who were. Shares and
    quartiles are None where there were too few leavers.
    """

    days: int
    leavers: int
    leavers_warned: int
    leavers_share: float | None
    stayers_share: float | None
    lead_days: tuple[float, float, float] | None


@dataclass(frozen=True)
class BandChanges:
    """How often a known band changes, and how often it goes straight back within FLAP_DAYS."""

    account_years: float
    changes: int
    changes_per_account_a_year: float | None
    flaps: int
    flap_share: float | None


def revenue_moved(migrations: Sequence[Migration]) -> tuple[Decimal, Decimal]:
    """Revenue-days that change band, and all of them."""
    every = sum((row.revenue_days for row in migrations), Decimal(0))
    moved = (row.revenue_days for row in migrations if row.live_band.name != row.shadow_band.name)
    return sum(moved, Decimal(0)), every


def entries_by_owner_week(history: History, side: str) -> list[OwnerWeek]:
    """One row per CSM and week in which the CSM had an account that is compared, zeros included.

    An entry is the first day in the worst band after another known band, or after none if the spell
    began within the history: accounts that were there from its first day are a stock and no entry.
    """
    counts: Counter[tuple[str | None, date, bool]] = Counter()
    for stints in _spells(history.stints[side]):
        is_newcomer = stints[0].starts_on > history.pair.first_day
        rank_before: int | None = None
        for stint in stints:
            if stint.band.rank is None:
                continue
            came = is_newcomer if rank_before is None else rank_before != 1
            if stint.band.rank == 1 and came:
                counts[stint.owner_id, week_of(stint.starts_on), stint.is_compared] += 1
            rank_before = stint.band.rank
    return [
        OwnerWeek(owner, week, counts[owner, week, True], counts[owner, week, False])
        for owner, week in history.owner_weeks
    ]


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def lead_time(history: History, side: str, horizon: Horizon) -> LeadTime:
    """Warning time in the window before the churn, of leavers whose whole window lies in the history.

    Leavers and stayers are the same on both sides: whoever the scorecard scored in those days.
    """
    window = horizon.window_days
    spells = [
        (stints[0], [stint for stint in stints if stint.is_compared])
        for stints in _spells(history.stints[side])
    ]
    leavers: list[int] = []
    leads: list[int] = []
    starts, ends, red_starts, red_ends, red_spell = [], [], [], [], []
    for first, compared in spells:
        if not compared:
            continue
        churned_on = history.churned_on.get((first.account_id, first.spell_number))
        worst = [stint for stint in compared if stint.band.rank == 1]
        if churned_on is None:
            for stint in worst:
                red_starts.append(stint.starts_on.toordinal())
                red_ends.append(stint.ends_on.toordinal())
                red_spell.append(len(starts))
            starts.append(compared[0].starts_on.toordinal())
            ends.append(compared[-1].ends_on.toordinal())
            continue
        opens_on = churned_on - timedelta(days=window)
        if opens_on < history.pair.first_day or compared[-1].ends_on < opens_on:
            continue
        leavers.append(churned_on.toordinal())
        seen = [max(stint.starts_on, opens_on) for stint in worst if stint.ends_on >= opens_on]
        if seen:
            leads.append((churned_on - min(seen)).days)
    # The stayers are asked the same on every day on which somebody left, as often as somebody did.
    arrays = [np.array(days, dtype=int) for days in (starts, ends, red_starts, red_ends, red_spell)]
    starts_at, ends_at, red_starts_at, red_ends_at, spell_at = arrays
    there_sum = warned_sum = 0
    for day, times in Counter(leavers).items():
        there = (starts_at < day) & (ends_at >= day - 1)
        warned = np.zeros(len(starts_at), dtype=bool)
        warned[spell_at[(red_starts_at < day) & (red_ends_at >= day - window)]] = True
        there_sum += times * int(there.sum())
        warned_sum += times * int((there & warned).sum())
    enough = len(leavers) >= limits.MEASURES_FROM
    quartiles = np.quantile(leads, [0.25, 0.5, 0.75]) if leads and enough else None
    return LeadTime(
        days=window,
        leavers=len(leavers),
        leavers_warned=len(leads),
        leavers_share=len(leads) / len(leavers) if enough else None,
        stayers_share=warned_sum / there_sum if enough and there_sum else None,
        lead_days=None if quartiles is None else tuple(map(float, quartiles)),
    )


def band_changes(history: History, side: str) -> BandChanges:
    """Changes between known bands while the scorecard scores the account; losing the score is none."""
    lived = changes = flaps = 0
    for stints in _spells(history.stints[side]):
        for is_compared, run in groupby(stints, lambda stint: stint.is_compared):
            if not is_compared:
                continue
            known = [stint for stint in run if stint.band.rank is not None]
            lived += sum((stint.ends_on - stint.starts_on).days + 1 for stint in known)
            made = [
                (after.starts_on, before.band.name, after.band.name)
                for before, after in pairwise(known)
                if before.band.name != after.band.name
            ]
            changes += len(made)
            flaps += sum(
                left == back and (undone_on - changed_on).days <= limits.FLAP_DAYS
                for (changed_on, left, _), (undone_on, _, back) in pairwise(made)
            )
    years = lived / DAYS_A_YEAR
    return BandChanges(
        account_years=years,
        changes=changes,
        changes_per_account_a_year=changes / years if years else None,
        flaps=flaps,
        flap_share=flaps / changes if changes else None,
    )


def entries_by_owner(weeks: Sequence[OwnerWeek], limit: float) -> dict[str | None, dict[str, float]]:
    """Per CSM: weeks, entries of compared accounts, mean and largest total of a week, weeks above."""
    found: dict[str | None, list[OwnerWeek]] = defaultdict(list)
    for week in weeks:
        found[week.owner_id].append(week)
    return {
        owner: {
            "weeks": len(mine),
            "entries_compared": sum(week.compared for week in mine),
            "entries_elsewhere": sum(week.elsewhere for week in mine),
            "mean_per_week": sum(week.total for week in mine) / len(mine),
            "most_in_a_week": max(week.total for week in mine),
            "weeks_above": sum(week.total > limit for week in mine),
        }
        for owner, mine in found.items()
    }


def _spells(stints: Sequence[Stint]) -> Iterator[list[Stint]]:
    for _, spell in groupby(stints, lambda stint: (stint.account_id, stint.spell_number)):
        yield list(spell)
