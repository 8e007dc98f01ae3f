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
    observed = outcomes[["account", "date", "score"]].merge(signals, on=["account", "date"], how="left")
    names = [column for column in observed.columns if column not in ("account", "date")]
    by_name = {name: _by_date(observed, name, reference, dates[count:]) for name in names}
    return Drift(as_date(reference[0]), as_date(reference[-1]), by_name.pop("score"), by_name)


def stability_index(reference: np.ndarray, later: np.ndarray) -> tuple[float, float]:
    """Population stability index over quantile bins of the reference, and its mean under no change.

    What is not known (NaN) is a bin of its own. Every bin gets half a row, so that none is empty.
    """
    known = reference[~np.isnan(reference)]
    quantiles = np.linspace(0, 1, limits.STABILITY_BINS + 1)[1:-1]
    edges = np.unique(np.quantile(known, quantiles)) if len(known) else np.array([])

    def counts(values: np.ndarray) -> np.ndarray:
        bins = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))
        return np.bincount(bins, minlength=len(edges) + 2)

    before, after = counts(reference), counts(later)
    used = (before + after) > 0
    before, after = before[used] + 0.5, after[used] + 0.5
    p, q = before / before.sum(), after / after.sum()
    index = float(((q - p) * np.log(q / p)).sum())
    chance = (used.sum() - 1) * (1 / len(reference) + 1 / len(later))
    return index, float(chance)


def _by_date(
    observed: pd.DataFrame, name: str, reference: np.ndarray, dates: np.ndarray
) -> list[Stability]:
    values, on = observed[name].to_numpy(), observed.date.to_numpy()
    first = values[np.isin(on, reference)]
    return [
        Stability(as_date(day), int((on == day).sum()), *stability_index(first, values[on == day]))
        for day in dates
    ]
