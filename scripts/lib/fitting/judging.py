"""Is one set of probabilities better than another on the later period: paired, accounts resampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.validation.bootstrap import Interval, Resamples, sums_by_account
from lib.validation.protocol import churned_accounts

from .logistic import log_loss, logistic


@dataclass(frozen=True)
class Losses:
    """Mean losses before and after on the same later rows; an improvement is before minus after.

    Log loss decides: it is proper and, unlike the Brier score, still moves where churn is rare.
    """

    observations: int
    churned_accounts: int
    log_loss_before: float
    log_loss_after: float
    log_loss_improvement: Interval
    brier_before: float
    brier_after: float
    brier_improvement: Interval

    @property
    def is_better(self) -> bool:
        """Whether the interval of the improvement lies above 0."""
        return self.log_loss_improvement.low > 0


def paired_losses(
    rows: pd.DataFrame, before: np.ndarray, after: np.ndarray, resamples: Resamples
) -> Losses:
    """Losses of two sets of log odds of the rows."""
    churned, account = rows.churned.to_numpy(), rows.account.to_numpy()
    columns = []
    for log_odds in (before, after):
        columns += [log_loss(log_odds, churned), (logistic(log_odds) - churned) ** 2]
    sums = sums_by_account(account, [*columns, np.ones(len(rows))], resamples.counts.shape[1])

    def figures(weights: np.ndarray) -> np.ndarray:
        *totals, observations = weights @ sums
        loss_before, brier_before, loss_after, brier_after = np.array(totals) / observations
        return np.array([
            loss_before, loss_after, loss_before - loss_after,
            brier_before, brier_after, brier_before - brier_after,
        ])  # fmt: skip

    loss_before, loss_after, loss, brier_before, brier_after, brier = resamples.intervals(
        "paired losses", figures
    )
    return Losses(
        len(rows), churned_accounts(rows),
        loss_before.value, loss_after.value, loss, brier_before.value, brier_after.value, brier,
    )  # fmt: skip
