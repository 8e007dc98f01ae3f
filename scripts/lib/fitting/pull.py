"""How hard to pull: the spread that predicts best for accounts that were not fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .logistic import Pulled, fit_pulled, log_loss

# Beliefs about the weights in force, in shares of the whole: off by one point of a hundred … by anything.
SPREADS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
FOLDS = 5


@dataclass(frozen=True)
class Choice:
    """The chosen spread, and the log loss per row out of fold of each spread that was tried."""

    spread: float
    is_cautious: bool
    losses: dict[float, float]


def choose_spread(
    points: np.ndarray, churned: np.ndarray, account: np.ndarray, centre: np.ndarray, scale: float,
    is_cautious: bool, seed: int,
) -> Choice:  # fmt: skip
    """Cross-validate over accounts, within the rows to fit on alone.

    Free: the spread with the least loss. Cautious, for few churned accounts: the strongest pull that is
    not worse than it by more than one standard error of the paired difference, accounts being the units.
    """
    codes, account = np.unique(account, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(len(codes)) % FOLDS
    losses = np.zeros((len(SPREADS), len(codes)))
    for number in range(FOLDS):
        out = fold[account] == number
        if not 0 < churned[~out].sum() < (~out).sum():
            continue
        for index, spread in enumerate(SPREADS):
            fit = fit_pulled(points[~out], churned[~out], centre, scale, spread)
            lost = log_loss(fit.log_odds(points[out]), churned[out])
            losses[index] += np.bincount(account[out], lost, len(codes))
    best = int(losses.sum(axis=1).argmin())
    chosen = best
    if is_cautious:
        worse = losses - losses[best]
        error = worse.std(axis=1) * np.sqrt(len(codes))
        chosen = int(np.flatnonzero(worse.sum(axis=1) <= error)[0])
    means = losses.sum(axis=1) / len(churned)
    return Choice(
        SPREADS[chosen],
        is_cautious,
        {spread: float(mean) for spread, mean in zip(SPREADS, means, strict=True)},
    )


def fit_with_choice(
    points: np.ndarray, churned: np.ndarray, account: np.ndarray, centre: np.ndarray, scale: float,
    is_cautious: bool, seed: int,
) -> tuple[Pulled, Choice]:  # fmt: skip
    """The fit on all rows with the spread that cross-validation chose."""
    choice = choose_spread(points, churned, account, centre, scale, is_cautious, seed)
    return fit_pulled(points, churned, centre, scale, choice.spread), choice
