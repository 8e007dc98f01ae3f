"""The answer in one sentence, and the exit status that goes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import pandas as pd

from . import limits
from .bands import (
    BandRate,
    WorstAgainstBest,
    band_order,
    band_rates,
    unless_too_few,
    worst_against_best,
)
from .bootstrap import Resamples
from .protocol import Refusal, Refusals, churned_accounts
from .reading import Horizon, Observations


class Status(IntEnum):
    """Exit status of the command."""

    PREDICTIVE = 0
    NOT_SHOWN = 1
    NOT_JUDGED = 2


@dataclass(frozen=True)
class Verdict:
    """Whether the score predicts, in a sentence that carries its evidence."""

    status: Status
    sentence: str


@dataclass(frozen=True)
class Decision:
    """The verdict with what it rests on; without resamples there is nothing more to compute.

    rows: observations with a score whose window has closed and whose account did not leave in the gap.
    """

    verdict: Verdict
    rows: pd.DataFrame
    churned_accounts: int
    bands: list[BandRate] | None = None
    worst_against_best: WorstAgainstBest | None = None
    resamples: Resamples | None = None
    refused: list[Refusal] = field(default_factory=list)


def decide(found: Observations, bootstraps: int, seed: int, quiet: bool = True) -> Decision:
    """Whether the score predicts. The one way to a verdict, for whoever asks."""
    closed = found.outcomes[found.outcomes.churned.notna()]
    rows = closed[closed.score.notna()].reset_index(drop=True)
    churned, order = churned_accounts(rows), band_order(found.outcomes)
    refusals = Refusals()
    broken = {name: count for name, count in found.integrity.items() if count}
    if broken:
        listed = ", ".join(f"{name} {count:,}" for name, count in broken.items())
        refusals.refuse("every measure", "a leak would make any figure look better than it is")
        said = not_judged(f"rows that no honest history can hold ({listed})")
        return Decision(said, rows, churned, refused=refusals.refused)
    if refusals.too_few("every measure", churned, limits.MEASURES_FROM):
        said = not_judged(
            f"{churned} churned accounts with a score, {limits.MEASURES_FROM} are needed"
        )
        bands = band_rates(closed, order, None)
        return Decision(said, rows, churned, bands, refused=refusals.refused)
    resamples = Resamples(found.accounts, bootstraps, seed, quiet)
    compared = worst_against_best(rows, resamples)
    return Decision(
        verdict(compared, churned, found.horizon), rows, churned,
        band_rates(closed, order, resamples),
        unless_too_few(compared, "worst against best band, and the trend between", refusals),
        resamples, refusals.refused,
    )  # fmt: skip


def not_judged(why: str) -> Verdict:
    """No verdict, and why."""
    return Verdict(Status.NOT_JUDGED, f"Could not be judged: {why}.")


def verdict(compared: WorstAgainstBest, churned_accounts: int, horizon: Horizon) -> Verdict:
    """Predictive if the worst band leaves more than the best, beyond the interval of the difference."""
    worst, best = compared.worst, compared.best
    if compared.fewest_accounts < limits.BAND_ACCOUNTS_FROM:
        return not_judged(
            f"on the observation dates {compared.worst_accounts:,} accounts were ever {worst} and"
            f" {compared.best_accounts:,} ever {best}, {limits.BAND_ACCOUNTS_FROM} of each are needed"
        )
    window = f"within {horizon.horizon_days} days (after a gap of {horizon.gap_days})"
    difference = compared.difference.scaled(100)
    evidence = (
        f"{difference.value:+.1f} percentage points, {limits.CONFIDENCE:.0%} interval"
        f" {difference.low:+.1f} to {difference.high:+.1f}, judged on {churned_accounts:,} churned accounts"
    )
    if difference.low > 0:
        return Verdict(
            Status.PREDICTIVE,
            f"The score predicts churn: accounts that were {worst} left {window}"
            f" more often than accounts that were {best} ({evidence}).",
        )
    return Verdict(
        Status.NOT_SHOWN,
        f"The score is not shown to predict churn: accounts that were {worst} did not leave {window}"
        f" more often than accounts that were {best}, beyond chance ({evidence}).",
    )
