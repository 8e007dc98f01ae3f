"""What the score has to beat: plain guesses, and the most that its own signals allow."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from .bootstrap import Resamples
from .discrimination import Comparison, comparison
from .limits import FREE_WEIGHTS_FROM, MEASURES_FROM
from .protocol import Refusals, Split, churned_accounts

# Name of the baseline, column of the outcomes, and its sign as a risk.
PLAIN = (
    ("usage alone", "usage_points", -1),
    ("recency alone", "recency_days", 1),
    ("equal weights", "equal_weight_score", -1),
)
CEILING = "boosting on the same signals"


def plain_comparisons(
    rows: pd.DataFrame, resamples: Resamples, refusals: Refusals
) -> list[Comparison]:
    """The score against guesses that nothing was fitted for, on all rows with both."""
    found = []
    for name, column, sign in PLAIN:
        risk = sign * rows[column].to_numpy()
        if column == "recency_days" and np.isfinite(risk).any():
            risk = np.where(np.isnan(risk), np.inf, risk)  # never used: longer ago than anybody
        known = ~np.isnan(risk)
        if refusals.too_few(
            f"difference to {name}", churned_accounts(rows[known]), MEASURES_FROM,
            f"churned accounts with {column}",
        ):  # fmt: skip
            continue
        found.append(comparison(rows[known], name, risk[known], resamples))
    return found


def ceiling_comparison(
    rows: pd.DataFrame,
    signals: pd.DataFrame,
    split: Split | None,
    resamples: Resamples,
    refusals: Refusals,
    seed: int,
) -> Comparison | None:
    """The score against gradient boosting on the points of the same signals, later than its fit."""
    what = f"difference to {CEILING}"
    if split is None:
        refusals.refuse(what, "no date leaves enough churned accounts to fit on and to judge on")
        return None
    if refusals.too_few(
        what, split.churned_to_fit, FREE_WEIGHTS_FROM, "churned accounts to fit on"
    ):
        return None
    points = rows[["account", "date"]].merge(signals, on=["account", "date"], how="left")
    features = points.drop(columns=["account", "date"]).to_numpy()
    # A signal that nobody had while it was fitted says nothing, and the trees cannot take it.
    features = features[:, ~np.isnan(features[split.fit]).all(axis=0)]
    if not features.shape[1]:
        refusals.refuse(what, "no signal was observed in the period to fit on")
        return None
    risk = boosted_risk(
        features[split.fit], rows.churned.to_numpy()[split.fit], features[split.judge], seed
    )
    return comparison(rows[split.judge], CEILING, risk, resamples)


def boosted_risk(
    features: np.ndarray, churned: np.ndarray, judged: np.ndarray, seed: int
) -> np.ndarray:
    """Churn risk of the judged rows by small trees; a signal that was not observed is NaN."""
    model = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=200, max_leaf_nodes=8, min_samples_leaf=100,
        l2_regularization=1.0, early_stopping=False, random_state=seed,
    )  # fmt: skip
    return model.fit(features, churned).predict_proba(judged)[:, 1]
