"""The rules of evidence: which rows may be fitted on, and which figures are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from . import limits
from .reading import as_date

FITTING_FLOORS = (limits.MEASURES_FROM, limits.CALIBRATION_FROM, limits.FREE_WEIGHTS_FROM)


@dataclass(frozen=True)
class Split:
    """Rows to fit on and rows to judge on, as masks over the rows that were split.

    A row is fitted on only if date + gap + horizon <= first judging date: its outcome was known when the
    first judged score was made, at the end of that day.
    """

    first_judging_date: int
    fit: np.ndarray
    judge: np.ndarray
    churned_to_fit: int
    churned_to_judge: int

    def periods(self) -> Periods:
        """The same in dates and counts, for the report."""
        return Periods(
            as_date(self.first_judging_date), int(self.fit.sum()), int(self.judge.sum()),
            self.churned_to_fit, self.churned_to_judge,
        )  # fmt: skip


@dataclass(frozen=True)
class Periods:
    """What was fitted on and what was judged on, where anything was fitted."""

    first_judging_date: date
    observations_to_fit: int
    observations_to_judge: int
    churned_accounts_to_fit: int
    churned_accounts_to_judge: int


@dataclass(frozen=True)
class Refusal:
    """A figure that is not given, with what it would have needed."""

    what: str
    why: str
    needed: int | None = None
    found: int | None = None


@dataclass
class Refusals:
    """All that was refused, in the order in which it was asked for."""

    refused: list[Refusal] = field(default_factory=list)

    def refuse(
        self, what: str, why: str, needed: int | None = None, found: int | None = None
    ) -> None:
        """Note a figure that cannot be given."""
        self.refused.append(Refusal(what, why, needed, found))

    def too_few(self, what: str, found: int, needed: int, of: str = "churned accounts") -> bool:
        """Whether there are fewer than needed; then the refusal is noted."""
        if found < needed:
            self.refuse(what, f"{found:,} {of}, {needed:,} are needed", needed, found)
        return found < needed


def churned_accounts(rows: pd.DataFrame) -> int:
    """Accounts that left in the window of at least one of the rows: what all floors count."""
    return rows.account[rows.churned == 1].nunique()


def split_by_date(rows: pd.DataFrame, window_days: int) -> Split | None:
    """Split judged rows at the date that allows most; None where no date leaves enough on both sides.

    Of the dates with enough churned accounts to judge on, the one at which the rows to fit on pass most
    floors, and among those the one that shares the churned accounts out most evenly. Scores play no part.
    """
    churned = rows[rows.churned == 1]
    best: tuple[tuple[int, int], int] | None = None
    for day in np.unique(rows.date):
        to_fit = churned.account[churned.date + window_days <= day].nunique()
        to_judge = churned.account[churned.date >= day].nunique()
        if to_fit < limits.MEASURES_FROM or to_judge < limits.JUDGING_PERIOD_FROM:
            continue
        merit = (sum(to_fit >= floor for floor in FITTING_FLOORS), min(to_fit, to_judge))
        if best is None or merit > best[0]:
            best = (merit, int(day))
    if best is None:
        return None
    first = best[1]
    fit = (rows.date + window_days <= first).to_numpy()
    judge = (rows.date >= first).to_numpy()
    return Split(first, fit, judge, churned_accounts(rows[fit]), churned_accounts(rows[judge]))
