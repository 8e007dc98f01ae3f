"""Is the population still the one that was scored first: stability of score and signals by date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from . import limits
from .reading import as_date


@dataclass(frozen=True)
class Stability:
    """Population stability index of one date against the first dates.

    chance: what sampling alone gives on average for so few accounts; an index near it says nothing.
    """

    date: date
    accounts: int
    index: float
    chance: float


@dataclass(frozen=True)
class Drift:
    """Stability of the score on every date after the first ones, and of the signals."""

    first_reference_date: date
    last_reference_date: date
    score: list[Stability]
    signals: dict[str, list[Stability]]


def drift(outcomes: pd.DataFrame, signals: pd.DataFrame) -> Drift | None:
    """Drift over all observation dates, censored ones too; None with a single date."""
    dates = np.unique(outcomes.date)
    count = max(1, int(len(dates) * limits.STABILITY_REFERENCE_SHARE))
    if len(dates) < 2:
        return None
    reference = dates[:count]
    observed = outcomes[["account", "date", "score"]].merge(
        signals, on=["account", "date"], how="left"
    )
    position = np.searchsorted(dates, observed.date.to_numpy())
    by_name = {
        name: _by_date(observed[name].to_numpy(), position, dates, count)
        for name in observed.columns.drop(["account", "date"])
    }
    return Drift(as_date(reference[0]), as_date(reference[-1]), by_name.pop("score"), by_name)


def stability_index(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Population stability index of two sets of counts per bin, and its mean if nothing had changed.

    Every bin gets half a row, so that none is empty; bins that are empty in both are left out.
    """
    used = (before + after) > 0
    p, q = ((counts[used] + 0.5) / (counts[used] + 0.5).sum() for counts in (before, after))
    chance = (used.sum() - 1) * (1 / before.sum() + 1 / after.sum())
    return float(((q - p) * np.log(q / p)).sum()), float(chance)


def quantile_bins(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The bin of each value: quantiles of the reference, and one bin more for what is not known (NaN)."""
    known = reference[~np.isnan(reference)]
    quantiles = np.linspace(0, 1, limits.STABILITY_BINS + 1)[1:-1]
    edges = np.unique(np.quantile(known, quantiles)) if len(known) else np.array([])
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))


def _by_date(
    values: np.ndarray, position: np.ndarray, dates: np.ndarray, references: int
) -> list[Stability]:
    """Stability on every date after the first `references`; position: of each value's date in dates."""
    bins = quantile_bins(values[position < references], values)
    width = bins.max() + 1
    counts = np.bincount(position * width + bins, minlength=len(dates) * width).reshape(-1, width)
    before = counts[:references].sum(axis=0)
    return [
        Stability(as_date(day), int(after.sum()), *stability_index(before, after))
        for day, after in zip(dates[references:], counts[references:], strict=True)
    ]
