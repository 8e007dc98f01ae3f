"""Does a lower score mean a higher risk: ranking measures of a score, alone and against another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import limits
from .bootstrap import Interval, Resamples
from .protocol import churned_accounts
from .ranking import RankedRows


@dataclass(frozen=True)
class Discrimination:
    """Ranking measures of one risk on one set of rows.

    auc_pooled compares all rows, auc_within_date only rows of the same date; average precision is pooled;
    lift and capture are of the TOP_SHARE of accounts with the highest risk on each date.
    """

    observations: int
    accounts: int
    churned_accounts: int
    base_rate: float
    auc_pooled: Interval
    auc_within_date: Interval
    average_precision: Interval
    lift: Interval
    capture: Interval


@dataclass(frozen=True)
class Comparison:
    """The score and a baseline on the same rows; differences are score minus baseline, paired."""

    baseline: str
    observations: int
    churned_accounts: int
    score_auc_within_date: Interval
    baseline_auc_within_date: Interval
    difference_within_date: Interval
    score_auc_pooled: Interval
    baseline_auc_pooled: Interval
    difference_pooled: Interval


def risk_of_score(score: pd.Series) -> np.ndarray:
    """A low score is a high risk."""
    return -score.to_numpy()


def discrimination(
    rows: pd.DataFrame, risk: np.ndarray, resamples: Resamples, what: str
) -> Discrimination:
    """All ranking measures of a risk per row, with intervals."""
    measured = _measures(rows, risk)
    pooled, within, precision, capture = resamples.intervals(what, measured)
    return Discrimination(
        observations=len(rows),
        accounts=rows.account.nunique(),
        churned_accounts=churned_accounts(rows),
        base_rate=float(rows.churned.mean()) if len(rows) else np.nan,
        auc_pooled=pooled,
        auc_within_date=within,
        average_precision=precision,
        lift=capture.scaled(1 / limits.TOP_SHARE),
        capture=capture,
    )


def comparison(
    rows: pd.DataFrame, baseline: str, risk: np.ndarray, resamples: Resamples
) -> Comparison:
    """The score against another risk, on the rows on which both are known."""
    score = _measures(rows, risk_of_score(rows.score))
    other = _measures(rows, risk)

    def figures(weights: np.ndarray) -> list[float]:
        (pooled, within, *_), (other_pooled, other_within, *_) = score(weights), other(weights)
        return [
            within, other_within, within - other_within, pooled, other_pooled, pooled - other_pooled,
        ]  # fmt: skip

    intervals = resamples.intervals(f"against {baseline}", figures)
    return Comparison(baseline, len(rows), churned_accounts(rows), *intervals)


def suspicions(aucs: Mapping[str, Interval]) -> list[str]:
    """What to be careful about: the AUCs, by whose they are, that honest data seldom give."""
    return [
        f"the AUC of {whose} is {auc.value:.3f}: above {limits.SUSPECT_AUC} is rare in honest data, so look"
        " for a leak before believing it"
        for whose, auc in aucs.items()
        if auc.value > limits.SUSPECT_AUC
    ]


def _measures(rows: pd.DataFrame, risk: np.ndarray) -> Callable[[np.ndarray], list[float]]:
    """A function from account weights to AUC pooled and within date, average precision, capture."""
    churned, account = rows.churned.to_numpy() == 1, rows.account.to_numpy()
    pooled = RankedRows(risk, churned, account)
    within = RankedRows(risk, churned, account, rows.date.to_numpy())

    def measures(weights: np.ndarray) -> list[float]:
        over_all, by_date = pooled.ranking(weights), within.ranking(weights)
        return [over_all.auc, by_date.auc, over_all.average_precision, by_date.capture]

    return measures
