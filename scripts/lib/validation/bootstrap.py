"""Intervals from resampled accounts: the rows of one account come and go together."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from . import limits


@dataclass(frozen=True)
class Interval:
    """A figure and the ends between which its resampled values lie. NaN where it cannot be computed."""

    value: float
    low: float
    high: float

    def scaled(self, factor: float) -> Interval:
        """The same in another unit."""
        return Interval(self.value * factor, self.low * factor, self.high * factor)


class Resamples:
    """How often each account is drawn in each resample; the same draws for every figure.

    So that a difference of two figures is paired, and a figure can be recomputed by weighting its rows
    by `counts[resample, account]` instead of copying them.
    """

    def __init__(self, accounts: int, times: int, seed: int, quiet: bool = True) -> None:
        random = np.random.default_rng(seed)
        self.counts = np.empty((times, accounts), dtype=np.uint8)
        for number in range(times):
            draws = random.integers(accounts, size=accounts)
            self.counts[number] = np.minimum(np.bincount(draws, minlength=accounts), 255)
        self.quiet = quiet

    @property
    def times(self) -> int:
        """Number of resamples."""
        return len(self.counts)

    def intervals(
        self, what: str, figures: Callable[[np.ndarray], Sequence[float]]
    ) -> list[Interval]:
        """Intervals of all figures that `figures` computes from whole weights, one per account."""
        once = np.ones(self.counts.shape[1], dtype=np.uint8)
        values = np.asarray(figures(once), dtype=float)
        # NumPy lets go of the interpreter in long operations, so threads are enough; threads of the
        # algebra library inside them would only wait for each other.
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
            resampled = pool.map(figures, self.counts)
            bar = tqdm(resampled, what, self.times, leave=False, disable=self.quiet)
            return intervals_of(values, np.array(list(bar), dtype=float))


def intervals_of(values: np.ndarray, resampled: np.ndarray) -> list[Interval]:
    """Percentile intervals; resampled values (resamples × figures) that are NaN are left out."""
    tail = (1 - limits.CONFIDENCE) / 2
    found = []
    for value, column in zip(values, resampled.T, strict=True):
        known = column[np.isfinite(column)]
        enough = np.isfinite(value) and len(known) > len(column) / 2
        low, high = np.quantile(known, [tail, 1 - tail]) if enough else (np.nan, np.nan)
        found.append(Interval(float(value), float(low), float(high)))
    return found


def sums_by_account(
    account: np.ndarray, columns: Sequence[np.ndarray], accounts: int
) -> np.ndarray:
    """Sums of each column per account (accounts × columns), so that a resample is one product."""
    return np.stack([np.bincount(account, column, accounts) for column in columns], axis=1)
