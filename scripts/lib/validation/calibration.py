"""Can the score be read as a probability: two numbers fitted on the past, held against what came later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from . import limits
from .bootstrap import Interval, Resamples, sums_by_account
from .protocol import Refusals, Split, churned_accounts
from .reading import as_date

CLIP = 1e-6  # probabilities of 0 and 1 have no logit


@dataclass(frozen=True)
class CalibrationBin:
    """Judged rows of like probability: what was expected and what came."""

    observations: int
    expected: float
    observed: Interval


@dataclass(frozen=True)
class CalibrationDate:
    """Churned observations expected and observed on one judging date."""

    date: date
    observations: int
    expected: float
    observed: int


@dataclass(frozen=True)
class JudgedProbability:
    """A probability held against what came.

    intercept: of the logit with the slope held at 1 (0 is right, below 0: too many expected);
    slope: of the logit (1 is right, below 1: probabilities too extreme).
    brier_of_base_rate: what the constant churn rate of the rows that were closed before would have scored;
        NaN where there were none.
    """

    observations: int
    churned_to_judge: int
    brier: Interval
    brier_of_base_rate: float
    expected_calibration_error: Interval
    slope: Interval
    intercept: Interval
    bins: list[CalibrationBin]
    dates: list[CalibrationDate]


@dataclass(frozen=True)
class Calibration(JudgedProbability):
    """p = 1 / (1 + exp(−(a + b × score))), judged after its fit."""

    a: float
    b: float
    churned_to_fit: int


@dataclass(frozen=True)
class ReleasedModel(JudgedProbability):
    """The probabilities that a released model gave on its own dates, as they were shown."""

    churn_model_id: str
    first_observation: date
    last_observation: date


def calibration(
    rows: pd.DataFrame, split: Split | None, resamples: Resamples, refusals: Refusals
) -> Calibration | None:
    """Fit on the rows before the first judging date, judge on those after; None where refused."""
    what = "calibration: Brier score, calibration error, slope and intercept"
    if split is None:
        refusals.refuse(what, "no date leaves enough churned accounts to fit on and to judge on")
        return None
    found = split.churned_to_fit
    if refusals.too_few(what, found, limits.CALIBRATION_FROM, "churned accounts to fit on"):
        return None
    past, later = rows[split.fit], rows[split.judge]
    a, b = fit_logistic(past.score.to_numpy(), past.churned.to_numpy())
    p = probability(a, b, later.score.to_numpy())
    judged = judged_probability(later, p, resamples, float(past.churned.mean()))
    return Calibration(**vars(judged), a=float(a), b=float(b), churned_to_fit=found)


def released_models(
    rows: pd.DataFrame, window_days: int, resamples: Resamples, refusals: Refusals
) -> list[ReleasedModel]:
    """Every model that gave a probability on a judged date, the earliest first; nothing is fitted here.

    Beside it stands the rate of the rows whose windows had closed when the model first spoke.
    """
    what = "calibration of the released probability"
    shown = rows[rows.probability.notna()]
    if shown.empty:
        refusals.refuse(what, "no model for this window was released on the dates that are judged")
    found = []
    for model, mine in shown.groupby("churn_model_id"):
        if refusals.too_few(
            f"{what}, model {model}", churned_accounts(mine), limits.JUDGING_PERIOD_FROM
        ):
            continue
        first = int(mine.date.min())
        past = rows.churned[rows.date + window_days <= first]
        judged = judged_probability(
            mine, mine.probability.to_numpy(), resamples, float(past.mean()) if len(past) else np.nan
        )
        found.append(
            ReleasedModel(
                **vars(judged), churn_model_id=str(model), first_observation=as_date(first),
                last_observation=as_date(mine.date.max()),
            )
        )  # fmt: skip
    return sorted(found, key=lambda model: model.first_observation)


def judged_probability(
    rows: pd.DataFrame, p: np.ndarray, resamples: Resamples, base_rate: float
) -> JudgedProbability:
    """All calibration measures of the probabilities `p` of the rows."""
    churned, account = rows.churned.to_numpy(), rows.account.to_numpy()
    p = np.clip(p, CLIP, 1 - CLIP)
    logit = np.log(p / (1 - p))
    bins = equal_bins(p, limits.CALIBRATION_BINS)
    inside = [bins == number for number in range(bins.max() + 1)]
    sums = sums_by_account(
        account,
        [(p - churned) ** 2, np.ones(len(p))]
        + [mask * column for mask in inside for column in (p, churned, np.ones(len(p)))],
        resamples.counts.shape[1],
    )

    def figures(weights: np.ndarray) -> list[float]:
        squared, total, *rest = weights @ sums
        expected, came, observed = np.array(rest).reshape(-1, 3).T
        row_weights = weights[account]
        _, slope = fit_logistic(logit, churned, row_weights)
        return [
            squared / total,
            np.abs(expected - came).sum() / total,
            slope,
            fit_intercept(logit, churned, row_weights),
            *np.divide(came, observed, out=np.full(len(came), np.nan), where=observed > 0),
        ]

    brier, error, slope, intercept, *rates = resamples.intervals("calibration", figures)
    return JudgedProbability(
        observations=len(rows),
        churned_to_judge=churned_accounts(rows),
        brier=brier,
        brier_of_base_rate=float(((base_rate - churned) ** 2).mean()),
        expected_calibration_error=error,
        slope=slope,
        intercept=intercept,
        bins=[
            CalibrationBin(int(mask.sum()), float(p[mask].mean()), rate)
            for mask, rate in zip(inside, rates, strict=True)
        ],
        dates=[
            CalibrationDate(as_date(day), len(at), float(p[at].sum()), int(churned[at].sum()))
            for day, at in rows.reset_index(drop=True).groupby("date").indices.items()
        ],
    )


def probability(a: float, b: float, score: np.ndarray) -> np.ndarray:
    """Churn probability of a score."""
    return 1 / (1 + np.exp(-(a + b * score)))


def equal_bins(p: np.ndarray, count: int) -> np.ndarray:
    """Number of the bin of each row, from 0: bins of about as many rows each; equal values together."""
    edges = np.unique(np.quantile(p, np.linspace(0, 1, count + 1)[1:-1]))
    bins = np.searchsorted(edges, p, side="left")
    return np.unique(bins, return_inverse=True)[1]


def fit_logistic(
    x: np.ndarray, churned: np.ndarray, weights: np.ndarray | None = None, steps: int = 30
) -> tuple[float, float]:
    """Intercept and slope of a logistic regression by Newton's method; NaN where there is none.

    The same as statsmodels' Logit, at a fiftieth of its time per resample.
    """
    weights = np.ones(len(x)) if weights is None else weights
    centre, spread = x.mean(), x.std()
    if not spread or not 0 < weights @ churned < weights.sum():
        return np.nan, np.nan
    z = (x - centre) / spread
    a, b = np.log(weights @ churned / (weights @ (1 - churned))), 0.0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(a + b * z)))
        slack, curve = weights * (churned - p), weights * p * (1 - p)
        h00, h01, h11 = curve.sum(), curve @ z, curve @ (z * z)
        g0, g1 = slack.sum(), slack @ z
        determinant = h00 * h11 - h01 * h01
        if not determinant > 0:
            return np.nan, np.nan
        step_a, step_b = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
        a, b = a + step_a, b + step_b
        if abs(step_a) + abs(step_b) < 1e-9:
            return float(a - b * centre / spread), float(b / spread)
    return np.nan, np.nan


def fit_intercept(
    logit: np.ndarray, churned: np.ndarray, weights: np.ndarray, steps: int = 30
) -> float:
    """Intercept of a logistic regression whose slope on the logit is held at 1; NaN where none."""
    if not 0 < weights @ churned < weights.sum():
        return np.nan
    a = 0.0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(a + logit)))
        step = (weights @ (churned - p)) / (weights @ (p * (1 - p)))
        a += step
        if abs(step) < 1e-9:
            return float(a)
    return np.nan
