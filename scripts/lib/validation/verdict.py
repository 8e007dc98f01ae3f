"""The answer in one sentence, and the exit status that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from . import limits
from .bands import WorstAgainstBest
from .reading import Horizon


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
