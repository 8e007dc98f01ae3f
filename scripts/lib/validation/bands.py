"""Do the bands mean what their names say: churn by band, worst against best, and the trend between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from . import limits
from .bootstrap import Interval, Resamples, sums_by_account
from .protocol import Refusals


@dataclass(frozen=True)
class BandRate:
    """Churn of the observations in one band. `wilson` treats rows as independent, `rate` does not.

    Of a band in which nobody left, or everybody, `rate` has no ends: no resample can show another rate.
    """

    band: str
    band_rank: float
    observations: int
    accounts: int
    churned_accounts: int
    churned_observations: int
    rate: Interval | None
    wilson: Interval | None


@dataclass(frozen=True)
class WorstAgainstBest:
    """Churn rate of the worst band minus that of the best, and the one as a multiple of the other.

    An end that one band does not fill is named by all its bands.
    """

    worst: str
    best: str
    worst_accounts: int
    best_accounts: int
    difference: Interval
    ratio: Interval

    @property
    def fewest_accounts(self) -> int:
        """Accounts of the band that has fewer."""
        return min(self.worst_accounts, self.best_accounts)


@dataclass(frozen=True)
class Trend:
    """Change of the churn rate from one band to the next better one (least squares on the rank)."""

    per_band: Interval
    p_value: float


def band_order(rows: pd.DataFrame) -> list[str]:
    """Names of the bands, the worst first and those without a rank last."""
    ranks = rows.groupby("band").band_rank.mean().reset_index()
    return list(ranks.sort_values(["band_rank", "band"], na_position="last").band)


def is_worst(rows: pd.DataFrame) -> np.ndarray:
    """Rows in the worst band of their scorecard version, which the marts give rank 1."""
    return (rows.band_rank == 1).to_numpy()


def is_best(rows: pd.DataFrame) -> np.ndarray:
    """Rows in the top band of their scorecard version; an only band is the worst one."""
    return rows.is_best_band.to_numpy() & ~is_worst(rows)


def band_rates(rows: pd.DataFrame, order: list[str], resamples: Resamples | None) -> list[BandRate]:
    """One BandRate per band of `order`; counts only without resamples."""
    masks = {band: (rows.band == band).to_numpy() for band in order}
    rates: list[Interval | None] = [None] * len(order)
    if resamples is not None:
        rates = list(_rates(rows, list(masks.values()), resamples, "churn by band"))
    found = []
    for (band, mask), rate in zip(masks.items(), rates, strict=True):
        inside = rows[mask]
        churned = int(inside.churned.sum())
        if rate is not None and churned in (0, len(inside)):
            rate = Interval(rate.value, np.nan, np.nan)
        wilson = None
        if resamples is not None and len(inside):
            ends = proportion_confint(churned, len(inside), 1 - limits.CONFIDENCE, "wilson")
            wilson = Interval(churned / len(inside), *map(float, ends))
        found.append(
            BandRate(
                band,
                float(inside.band_rank.mean()) if len(inside) else np.nan,
                len(inside),
                inside.account.nunique(),
                inside.account[inside.churned == 1].nunique(),
                churned,
                rate,
                wilson,
            )
        )
    return found


def ends(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Rows at the lower and at the upper end of the bands, for a comparison of the two.

    The worst and the best band; where an end holds too few accounts, the bands next to it belong to it
    too, until it holds enough or meets the other end.
    """

    def is_short(end: np.ndarray) -> bool:
        return rows.account[end].nunique() < limits.BAND_ACCOUNTS_FROM

    worst, best, rank = is_worst(rows), is_best(rows), rows.band_rank.to_numpy(dtype=float)
    ranks = np.unique(rank[~np.isnan(rank)])
    for edge in ranks:
        if is_short(worst):
            worst = (rank <= edge) & ~best
    for edge in ranks[::-1]:
        if is_short(best):
            best = (best | (rank >= edge)) & ~worst
    return worst, best


def worst_against_best(rows: pd.DataFrame, resamples: Resamples) -> WorstAgainstBest:
    """The comparison that decides the verdict, of the two ends; NaN where one is empty."""
    worst, best = ends(rows)
    sums = _sums(rows, [worst, best], resamples)

    def figures(weights: np.ndarray) -> list[float]:
        churned_worst, all_worst, churned_best, all_best = weights @ sums
        if not all_worst or not all_best:
            return [np.nan, np.nan]
        high, low = churned_worst / all_worst, churned_best / all_best
        return [high - low, high / low if low else np.nan]

    difference, ratio = resamples.intervals("worst against best band", figures)
    return WorstAgainstBest(
        " / ".join(sorted(rows.band[worst].unique())) or "in the worst band",
        " / ".join(sorted(rows.band[best].unique())) or "in the best band",
        rows.account[worst].nunique(),
        rows.account[best].nunique(),
        difference,
        ratio,
    )


def unless_too_few(
    compared: WorstAgainstBest, what: str, refusals: Refusals
) -> WorstAgainstBest | None:
    """The comparison, or None and a refusal where an end holds too few accounts for one."""
    refused = refusals.too_few(
        what, compared.fewest_accounts, limits.BAND_ACCOUNTS_FROM, "accounts in one of the two bands"
    )
    return None if refused else compared


def ordered_trend(rows: pd.DataFrame) -> Trend | None:
    """Linear trend of churn over the band's rank, with standard errors clustered by account.

    The Cochran–Armitage test is this trend for independent rows; the rows of one account are not.
    """
    ranked = rows[rows.band_rank.notna()]
    if ranked.band_rank.nunique() < 2 or ranked.churned.nunique() < 2:
        return None
    fit = sm.OLS(ranked.churned.to_numpy(), sm.add_constant(ranked.band_rank.to_numpy())).fit(
        cov_type="cluster", cov_kwds={"groups": ranked.account.to_numpy()}
    )
    low, high = fit.conf_int(1 - limits.CONFIDENCE)[1]
    return Trend(Interval(float(fit.params[1]), float(low), float(high)), float(fit.pvalues[1]))


def _rates(
    rows: pd.DataFrame, masks: list[np.ndarray], resamples: Resamples, what: str
) -> list[Interval]:
    sums = _sums(rows, masks, resamples)

    def figures(weights: np.ndarray) -> np.ndarray:
        churned, observed = (weights @ sums).reshape(-1, 2).T
        return np.divide(churned, observed, out=np.full(len(churned), np.nan), where=observed > 0)

    return resamples.intervals(what, figures)


def _sums(rows: pd.DataFrame, masks: list[np.ndarray], resamples: Resamples) -> np.ndarray:
    """Per account: churned and all observations within each mask, in turns."""
    columns = [column for mask in masks for column in (mask * rows.churned.to_numpy(), mask * 1.0)]
    return sums_by_account(rows.account.to_numpy(), columns, resamples.counts.shape[1])
