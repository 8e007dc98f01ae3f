"""Logistic regression with signs, a pull and clustered intervals: all the mathematics of the proposals.

Points are 0 to 100 and higher is healthier, so a risk falls as they rise:
log odds = a − scale × points @ u, with shares u >= 0. The pull is a ridge towards the shares in force, whatever their scale: how steeply
risk falls with the whole is for the data alone to say. `spread` is how far, in shares of the whole
weight, a share is believed to be off (0.05: five points of a hundred).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, nnls

LOG_ODDS_LIMIT = 30.0  # as the macro logistic: beyond it a probability is 0 or 1 to every decimal


@dataclass(frozen=True)
class Pulled:
    """A fit: log odds = intercept − scale × points @ shares. The shares need not sum to 1."""

    intercept: float
    shares: np.ndarray
    scale: float
    spread: float

    def log_odds(self, points: np.ndarray) -> np.ndarray:
        """Log odds of rows of points."""
        return self.intercept - self.scale * points @ self.shares


def logistic(log_odds: np.ndarray) -> np.ndarray:
    """Probabilities of log odds, by the rule of the macro of the same name."""
    return 1 / (1 + np.exp(-np.clip(log_odds, -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT)))


def log_loss(log_odds: np.ndarray, churned: np.ndarray) -> np.ndarray:
    """Minus the log-likelihood of each row (nats)."""
    return np.logaddexp(0, log_odds) - churned * log_odds


def pull_matrix(centre: np.ndarray, spread: float) -> np.ndarray:
    """Second derivative of the pull: the squared distance of u from the line through `centre`."""
    along = np.outer(centre, centre) / (centre @ centre)
    return (np.eye(len(centre)) - along) / spread**2


def fit_pulled(
    points: np.ndarray, churned: np.ndarray, centre: np.ndarray, scale: float, spread: float
) -> Pulled:
    """The shares u >= 0 that minimise log loss + u @ pull_matrix @ u / 2, by L-BFGS-B.

    points: rows × columns, no NaN; churned: 0 or 1 per row; centre: the shares in force, >= 0;
    scale: about what a point of the score in force takes off the log odds, above 0; it only sets the
    unit of the shares.
    """
    middle = points.mean(axis=0)
    risks = -scale * (points - middle)
    pull = pull_matrix(centre, spread)
    rate = churned.mean()
    rows = len(churned)

    def objective(unknown: np.ndarray) -> tuple[float, np.ndarray]:
        shares = unknown[1:]
        log_odds = unknown[0] + risks @ shares
        slack = logistic(log_odds) - churned
        pulled = pull @ shares
        value = log_loss(log_odds, churned).sum() + shares @ pulled / 2
        slope = np.concatenate(([slack.sum()], slack @ risks + pulled))
        return value / rows, slope / rows

    found = minimize(
        objective,
        np.concatenate(([np.log(rate / (1 - rate))], centre)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None), *((0, None) for _ in centre)],
        options={"maxiter": 5000, "maxfun": 50000, "maxcor": 20, "ftol": 1e-15, "gtol": 1e-10},
    )
    shares = np.where(found.x[1:] < 1e-9, 0.0, found.x[1:])
    return Pulled(float(found.x[0] + scale * middle @ shares), shares, scale, spread)


def clustered_covariance(
    design: np.ndarray,
    churned: np.ndarray,
    log_odds: np.ndarray,
    account: np.ndarray,
    penalty: np.ndarray | None = None,
) -> np.ndarray:
    """Covariance of logistic coefficients (columns × columns), robust to rows of one account being alike.

    The sandwich of Liang and Zeger (1986) with Stata's and statsmodels' correction for few clusters.
    penalty: second derivative of a ridge (columns × columns); the covariance is then that of the pulled
    coefficients about their own mean, without the pull's bias.
    """
    p = logistic(log_odds)
    curvature = (design * (p * (1 - p))[:, None]).T @ design
    bread = np.linalg.inv(curvature if penalty is None else curvature + penalty)
    meat = _account_scores(design, churned - p, account)
    rows, columns = design.shape
    groups = len(np.unique(account))
    correction = groups / (groups - 1) * (rows - 1) / (rows - columns)
    covariance = correction * bread @ (meat.T @ meat) @ bread
    return (covariance + covariance.T) / 2


def interval(
    values: np.ndarray, coefficients: np.ndarray, covariance: np.ndarray, z: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probability and both ends by the delta method, per row of term values (rows × terms).

    The same sums as int_outcomes__churn_probabilities.
    """
    log_odds = values @ coefficients
    variance = np.einsum("ij,jk,ik->i", values, covariance, values)
    half_width = z * np.sqrt(np.maximum(variance, 0))
    return logistic(log_odds), logistic(log_odds - half_width), logistic(log_odds + half_width)


class OneStep:
    """Shares refitted to resampled accounts in one Newton step, the signs kept: a bounded bootstrap.

    A whole refit per resample gives the same ends at some hundred times the cost. The step is the
    minimum of the quadratic that has the objective's gradient and curvature at the fit, over u >= 0.
    """

    def __init__(
        self, fit: Pulled, points: np.ndarray, churned: np.ndarray, account: np.ndarray,
        centre: np.ndarray, accounts: int,
    ) -> None:  # fmt: skip
        self.fit, self.pull = fit, pull_matrix(centre, fit.spread)
        design = np.column_stack([np.ones(len(points)), -fit.scale * points])
        p = logistic(fit.log_odds(points))
        self.scores = _account_scores(design, churned - p, account, accounts)
        columns = design.shape[1]
        self.curvature = np.zeros((accounts, columns, columns))
        order = np.argsort(account, kind="stable")
        starts = np.flatnonzero(np.diff(account[order], prepend=-1))
        weights = (p * (1 - p))[order]
        ordered = design[order]
        for row in range(columns):
            products = ordered * (ordered[:, row] * weights)[:, None]
            self.curvature[account[order][starts], row] = np.add.reduceat(products, starts)

    def shares(self, weights: np.ndarray) -> np.ndarray:
        """The shares with every account counted as often as `weights` says."""
        curvature = np.tensordot(weights, self.curvature, axes=1)
        slope = weights @ self.scores
        # The intercept is free: eliminate it, so that every unknown left has a sign.
        cross = curvature[0, 1:] / curvature[0, 0]
        inner = curvature[1:, 1:] - np.outer(cross, curvature[0, 1:]) + self.pull
        downhill = slope[1:] - cross * slope[0] - self.pull @ self.fit.shares
        root = np.linalg.cholesky(inner).T
        target = np.linalg.solve(root.T, downhill + inner @ self.fit.shares)
        return nnls(root, target)[0]


def _account_scores(
    design: np.ndarray, slack: np.ndarray, account: np.ndarray, accounts: int | None = None
) -> np.ndarray:
    """Sum of the scores of each account's rows (accounts × columns)."""
    size = account.max() + 1 if accounts is None else accounts
    return np.stack(
        [np.bincount(account, slack * column, size) for column in design.T], axis=1
    )
