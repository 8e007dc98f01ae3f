"""Churn by band under each version, and whether the worst band leaves more than the best."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.validation import limits
from lib.validation.bootstrap import Interval, Resamples, sums_by_account

from .reading import SIDES, Band, Horizon, Outcome


@dataclass(frozen=True)
class BandRate:
    """What followed the observations in one band. Rate and Wilson interval are None where refused."""

    band: str
    band_rank: int | None
    observations: int
    accounts: int
    churned_observations: int
    churned_accounts: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Separation:
    """Churn rate of the worst band minus that of the best, from resampled accounts.

    difference is None, and `why_not` says why, where it cannot be judged.
    """

    churned_accounts: int
    worst_accounts: int
    best_accounts: int
    difference: Interval | None
    why_not: str | None


def bands_of(outcomes: Sequence[Outcome], side: str) -> list[Band]:
    """The band of every observation under one version."""
    return [getattr(outcome, f"{side}_band") for outcome in outcomes]


def churned_accounts(outcomes: Sequence[Outcome]) -> int:
    """Accounts that left in the window of at least one observation: what all floors count."""
    return len({outcome.account_id for outcome in outcomes if outcome.is_churned})


def band_rates(outcomes: Sequence[Outcome], side: str, horizon: Horizon) -> list[BandRate]:
    """One row per band, the worst first; counts only below the floor of churned accounts."""
    by_band: dict[Band, list[Outcome]] = defaultdict(list)
    for band, outcome in zip(bands_of(outcomes, side), outcomes, strict=True):
        by_band[band].append(outcome)
    enough = churned_accounts(outcomes) >= limits.MEASURES_FROM
    found = []
    for band in sorted(by_band, key=lambda band: (band.rank or math.inf, band.name)):
        inside = by_band[band]
        churned = sum(outcome.is_churned for outcome in inside)
        rate = wilson(churned, len(inside), horizon.interval_z) if enough else None
        found.append(
            BandRate(
                band=band.name,
                band_rank=band.rank,
                observations=len(inside),
                accounts=len({outcome.account_id for outcome in inside}),
                churned_observations=churned,
                churned_accounts=churned_accounts(inside),
                rate=rate.value if rate else None,
                low=rate.low if rate else None,
                high=rate.high if rate else None,
            )
        )
    return found


def wilson(churned: int, observations: int, z: float) -> Interval:
    """Share with Wilson's interval (Wilson 1927), z standard deviations either side."""
    rate, shrink = churned / observations, 1 + z * z / observations
    centre = (rate + z * z / (2 * observations)) / shrink
    spread = rate * (1 - rate) / observations + z * z / (4 * observations**2)
    half = z * math.sqrt(spread) / shrink
    return Interval(rate, centre - half, centre + half)


def separation(
    outcomes: Sequence[Outcome], bootstraps: int, seed: int
) -> dict[str, Separation]:
    """Both sides on the same resamples of accounts; worst and best band are those of the validation.

    A band of too few accounts is not filled from its neighbours: both sides have to compare the same.
    Observations without a score under a version are in no band of it and count only for the other.
    """
    codes = {account: code for code, account in enumerate(sorted({o.account_id for o in outcomes}))}
    account = np.array([codes[outcome.account_id] for outcome in outcomes], dtype=int)
    churned = np.array([outcome.is_churned for outcome in outcomes], dtype=float)
    resamples: Resamples | None = None
    found = {}
    for side in SIDES:
        bands = bands_of(outcomes, side)
        ranks = np.array([band.rank or 0 for band in bands], dtype=int)
        worst = ranks == 1
        best = np.array([band.is_best for band in bands], dtype=bool) & ~worst
        scored_churned = len(np.unique(account[(churned == 1) & (ranks > 0)]))
        counts = len(np.unique(account[worst])), len(np.unique(account[best]))
        why_not = _why_not(scored_churned, *counts)
        difference = None
        if why_not is None:
            resamples = resamples or Resamples(len(codes), bootstraps, seed)
            columns = [worst * churned, worst * 1.0, best * churned, best * 1.0]
            sums = sums_by_account(account, columns, len(codes))
            [difference] = resamples.intervals("worst against best", _differences(sums))
            if math.isnan(difference.low):
                why_not, difference = "too few resamples hold both bands", None
        found[side] = Separation(scored_churned, *counts, difference, why_not)
    return found


def _differences(sums: np.ndarray):
    def figures(weights: np.ndarray) -> list[float]:
        churned_worst, all_worst, churned_best, all_best = weights @ sums
        if not all_worst or not all_best:
            return [np.nan]
        return [churned_worst / all_worst - churned_best / all_best]

    return figures


def _why_not(churned: int, worst: int, best: int) -> str | None:
    if churned < limits.MEASURES_FROM:
        return f"{churned:,} churned accounts with a score, {limits.MEASURES_FROM} are needed"
    if min(worst, best) < limits.BAND_ACCOUNTS_FROM:
        return (
            f"{worst:,} accounts were ever in the worst band on an observation date and {best:,} in the"
            f" best, {limits.BAND_ACCOUNTS_FROM} of each are needed"
        )
    return None
