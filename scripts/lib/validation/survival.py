"""How long accounts stay, by the band they were first seen in: one row per account, censored ones kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sksurv.compare import compare_survival
from sksurv.metrics import concordance_index_censored, concordance_index_ipcw
from sksurv.nonparametric import kaplan_meier_estimator
from sksurv.util import Surv
from tqdm import tqdm

from . import limits
from .bootstrap import Interval, Resamples, intervals_of
from .discrimination import risk_of_score


@dataclass(frozen=True)
class SurvivalCurve:
    """Kaplan–Meier estimate of one band: share that has not left after so many days."""

    band: str
    band_rank: float
    accounts: int
    churned_accounts: int
    days: list[int]
    share: list[float]
    low: list[float]
    high: list[float]


@dataclass(frozen=True)
class Survival:
    """Curves by band, the log-rank test that they are one, and concordance up to the window's end."""

    accounts: int
    churned_accounts: int
    curves: list[SurvivalCurve]
    log_rank_chi_square: float | None
    log_rank_p_value: float | None
    concordance_days: int
    harrell: Interval
    uno: Interval


def first_rows(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The first scored row of every account, so that each account counts once in a test."""
    known = outcomes[outcomes.score.notna() & outcomes.days_to_event.notna()]
    known = known[known.days_to_event > 0]
    return known.sort_values(["account", "date"]).drop_duplicates("account")


def survival(
    rows: pd.DataFrame, order: list[str], window_days: int, resamples: Resamples, seed: int
) -> Survival:
    """Survival of accounts from their first scored row on."""
    churned = rows.is_event.to_numpy()
    curves = [
        _curve(band, rows[(rows.band == band).to_numpy()])
        for band in order
        if (rows.band == band).any()
    ]
    chi_square = p_value = None
    if len(curves) > 1:
        lived = Surv.from_arrays(churned, rows.days_to_event)
        # Where all leave on one day, or of a band nobody is left when the first does, nothing varies.
        with suppress(np.linalg.LinAlgError):
            chi_square, p_value = map(float, compare_survival(lived, rows.band.to_numpy()))
    harrell, uno = concordance(rows, window_days, resamples, seed)
    return Survival(
        len(rows), int(churned.sum()), curves, chi_square, p_value, window_days, harrell, uno
    )


def concordance(
    rows: pd.DataFrame, until: int, resamples: Resamples, seed: int
) -> tuple[Interval, Interval]:
    """Harrell's and Uno's concordance of the score with the order of leaving in the first `until` days."""
    if len(rows) > limits.CONCORDANCE_ACCOUNTS:
        rows = rows.sample(limits.CONCORDANCE_ACCOUNTS, random_state=seed)
    days = rows.days_to_event.to_numpy()
    churned = rows.is_event.to_numpy() & (days <= until)
    days = np.minimum(days, until + 1)  # whoever stays longer is censored after the window
    risk = risk_of_score(rows.score)

    def figures(chosen: np.ndarray) -> tuple[float, float]:
        if not churned[chosen].any() or (days[chosen] == days[chosen][0]).all():
            return np.nan, np.nan
        lived = Surv.from_arrays(churned[chosen], days[chosen])
        harrell = concordance_index_censored(churned[chosen], days[chosen], risk[chosen])[0]
        try:
            return harrell, concordance_index_ipcw(lived, lived, risk[chosen], tau=until + 1)[0]
        except ValueError:  # nobody was seen long enough: the censoring weights are not defined
            return harrell, np.nan

    drawn = (np.repeat(np.arange(len(rows)), counts[rows.account]) for counts in resamples.counts)
    bar = tqdm(drawn, "concordance", resamples.times, leave=False, disable=resamples.quiet)
    values = np.array(figures(np.arange(len(rows))))
    harrell, uno = intervals_of(values, np.array([figures(chosen) for chosen in bar]))
    return harrell, uno


def _curve(band: str, rows: pd.DataFrame) -> SurvivalCurve:
    days, share, ends = kaplan_meier_estimator(
        rows.is_event.to_numpy(),
        rows.days_to_event.to_numpy(),
        conf_level=limits.CONFIDENCE,
        conf_type="log-log",
    )
    return SurvivalCurve(
        band, float(rows.band_rank.mean()), len(rows), int(rows.is_event.sum()), [int(day) for day in days],
        *([float(value) for value in values] for values in (share, *ends)),
    )  # fmt: skip
