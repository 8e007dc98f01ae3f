"""Every figure of a comparison in one place, for whoever shows it or decides by it."""

from __future__ import annotations

from dataclasses import dataclass

from lib.validation import limits

from .churn import BandRate, Separation, band_rates, churned_accounts, separation
from .figures import (
    BandChanges,
    LeadTime,
    OwnerWeek,
    band_changes,
    entries_by_owner_week,
    lead_time,
)
from .reading import SIDES, History, Horizon, Mover


@dataclass(frozen=True)
class Outcomes:
    """What is known of one horizon, per side."""

    horizon: Horizon
    observations: int
    churned_accounts: int
    bands: dict[str, list[BandRate]]
    separation: dict[str, Separation]
    lead_time: dict[str, LeadTime]


@dataclass(frozen=True)
class Comparison:
    """Everything that was found; `warnings` say what to be careful about."""

    history: History
    outcomes: list[Outcomes]
    entries: dict[str, list[OwnerWeek]]
    band_changes: dict[str, BandChanges]
    movers: list[Mover]
    bootstraps: int
    seed: int
    warnings: list[str]


def compare(history: History, movers: list[Mover], bootstraps: int, seed: int) -> Comparison:
    """All figures, with the same accounts, days and horizons on both sides."""
    outcomes = [
        outcomes_of(history, horizon, bootstraps, seed) for horizon in history.outcomes
    ]
    return Comparison(
        history=history,
        outcomes=outcomes,
        entries={side: entries_by_owner_week(history, side) for side in SIDES},
        band_changes={side: band_changes(history, side) for side in SIDES},
        movers=movers,
        bootstraps=bootstraps,
        seed=seed,
        warnings=_warnings(history, outcomes),
    )


def outcomes_of(history: History, horizon: Horizon, bootstraps: int, seed: int) -> Outcomes:
    """What followed the observations of one horizon, under each version."""
    rows = history.outcomes[horizon]
    return Outcomes(
        horizon=horizon,
        observations=len(rows),
        churned_accounts=churned_accounts(rows),
        bands={side: band_rates(rows, side, horizon) for side in SIDES},
        separation=separation(rows, bootstraps, seed),
        lead_time={side: lead_time(history, side, horizon) for side in SIDES},
    )


def _warnings(history: History, outcomes: list[Outcomes]) -> list[str]:
    pair, found = history.pair, []
    for side in SIDES:
        if not any(stint.is_compared and stint.band.rank for stint in history.stints[side]):
            found.append(f"{getattr(pair, side)} gave no account a score on any compared day")
    if len(pair.live_versions) > 1:
        versions = ", ".join(f"{number} from {first}" for number, first, _ in pair.live_versions)
        found.append(
            f"the live side is the version in force on each day ({versions});"
            " --since compares later days only"
        )
    for one in outcomes:
        if one.churned_accounts < limits.MEASURES_FROM:
            found.append(
                f"horizon {one.horizon.horizon_id}: {one.churned_accounts:,} churned accounts,"
                f" {limits.MEASURES_FROM} are needed for more than counts"
            )
    without = sum(row.account_days_without_revenue for row in history.last_day)
    if without:
        found.append(f"the revenue of {without:,} accounts is not known on the last day, and counts as 0")
    return found
