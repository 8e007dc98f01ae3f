"""What a CSM lives through: warning time, entries into the worst band, and bands that flicker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from . import limits
from .bands import is_worst
from .bootstrap import Interval, Resamples, sums_by_account
from .protocol import Refusals
from .reading import Horizon

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class LeadTime:
    """Leavers who were in the worst band in their last `days` days, beside stayers in the same days.

    lead_days: quartiles of days from the first such day to the churn, among those leavers.
    """

    days: int
    leavers: int
    leavers_share: Interval
    stayers: int
    stayers_share: float
    lead_days: tuple[float, float, float] | None


@dataclass(frozen=True)
class Entries:
    """Entries into the worst band whose window has closed; entries with churn in the gap are left out."""

    entries: int
    accounts: int
    churned: int
    precision: Interval
    base_rate: float
    account_years: float
    false_alarms_per_100_accounts_a_year: Interval


@dataclass(frozen=True)
class BandChanges:
    """How often the band changes, and how often it goes straight back (a flap, within FLAP_DAYS)."""

    account_years: float
    changes: int
    changes_per_account_a_year: Interval
    flaps: int
    flap_share: Interval


def lead_time(stints: pd.DataFrame, horizon: Horizon, refusals: Refusals) -> LeadTime | None:
    """Share of leavers with a warning, beside the same share of stayers at the same dates."""
    what, days = "lead time", horizon.window_days
    scored = stints[stints.band_rank.notna()]
    spells = scored.groupby(["account", "spell_number"], as_index=False).agg(
        starts_on=("starts_on", "min"), ends_on=("ends_on", "max"), churned_on=("churned_on", "max")
    )
    first_day = spells.starts_on.min()
    leavers = spells[spells.churned_on.notna()]
    # The window before the churn lies inside the history, and the account had a score in it.
    opens = leavers.churned_on - days
    leavers = leavers[(opens >= first_day) & (leavers.ends_on >= opens)]
    if refusals.too_few(
        what, len(leavers), limits.MEASURES_FROM, "churns with a whole window before"
    ):
        return None
    worst = scored[is_worst(scored)]

    warned = worst.merge(leavers[["account", "spell_number"]], on=["account", "spell_number"])
    warned = warned[warned.ends_on >= warned.churned_on - days]
    seen_on = np.maximum(warned.starts_on, warned.churned_on - days)
    lead = (warned.churned_on - seen_on).groupby([warned.account, warned.spell_number]).max()

    stayers = spells[spells.churned_on.isna()]
    red = worst[worst.churned_on.isna()]
    in_red, present = 0, 0
    for churned_on, weight in leavers.churned_on.astype(int).value_counts().items():
        there = (stayers.starts_on < churned_on) & (stayers.ends_on >= churned_on - 1)
        overlap = (red.starts_on < churned_on) & (red.ends_on >= churned_on - days)
        in_red += weight * np.isin(stayers.account[there], red.account[overlap]).sum()
        present += weight * there.sum()
    ends = proportion_confint(len(lead), len(leavers), 1 - limits.CONFIDENCE, "wilson")
    return LeadTime(
        days=days,
        leavers=len(leavers),
        leavers_share=Interval(len(lead) / len(leavers), *map(float, ends)),
        stayers=stayers.account.nunique(),
        stayers_share=float(in_red / present) if present else np.nan,
        lead_days=tuple(map(float, np.quantile(lead, [0.25, 0.5, 0.75]))) if len(lead) else None,
    )


def entries_into_worst(
    stints: pd.DataFrame,
    horizon: Horizon,
    last_day: int,
    base_rate: float,
    resamples: Resamples,
    refusals: Refusals,
) -> Entries | None:
    """How often an entry was followed by churn in the window, and how many were not."""
    until = last_day - horizon.window_days
    judged = stints[stints.starts_on <= until]
    # docs/what_if.md says what an entry is: who was there on the first day of the history is a stock.
    spell = ["account", "spell_number"]
    is_newcomer = judged.groupby(spell).starts_on.transform("min") > judged.starts_on.min()
    ranked = judged[judged.band_rank.notna()]
    rank_before = ranked.groupby(spell).band_rank.shift()
    came = np.where(rank_before.isna(), is_newcomer[ranked.index], rank_before != 1)
    entries = ranked[is_worst(ranked) & came]
    days_to_churn = entries.churned_on - entries.starts_on
    entries = entries[~(days_to_churn <= horizon.gap_days)]
    if refusals.too_few("precision of entries into the worst band", len(entries), 1, "entries"):
        return None
    churned = (entries.churned_on - entries.starts_on <= horizon.window_days).to_numpy(float)
    account = entries.account.to_numpy()
    years = _account_years(judged, until)
    sums = sums_by_account(account, [churned, np.ones(len(churned))], resamples.counts.shape[1])
    sums = np.column_stack([sums, years_by_account(judged, until, resamples.counts.shape[1])])

    def figures(weights: np.ndarray) -> list[float]:
        true, every, lived = weights @ sums
        return [true / every if every else np.nan, 100 * (every - true) / lived]

    precision, false_alarms = resamples.intervals("entries into the worst band", figures)
    return Entries(
        len(entries), entries.account.nunique(), int(churned.sum()), precision, base_rate, years,
        false_alarms,
    )  # fmt: skip


def band_changes(stints: pd.DataFrame, resamples: Resamples) -> BandChanges:
    """Changes between bands with a rank; gaining or losing the score is not a change."""
    same_spell = ["account", "spell_number"]
    by_spell = stints.groupby(same_spell)
    before, ranked_before = by_spell.band.shift(), by_spell.band_rank.shift().notna()
    changed = stints.band_rank.notna() & ranked_before & (stints.band != before)
    back = by_spell.band.shift(-1) == before
    flapped = changed & back & (stints.ends_on - stints.starts_on < limits.FLAP_DAYS)
    accounts, last = resamples.counts.shape[1], int(stints.ends_on.max())
    sums = sums_by_account(
        stints.account.to_numpy(), [changed.to_numpy(float), flapped.to_numpy(float)], accounts
    )
    sums = np.column_stack([sums, years_by_account(stints, last, accounts)])

    def figures(weights: np.ndarray) -> list[float]:
        changes, flaps, lived = weights @ sums
        return [changes / lived, flaps / changes if changes else np.nan]

    rate, share = resamples.intervals("band changes", figures)
    return BandChanges(
        _account_years(stints, last), int(changed.sum()), rate, int(flapped.sum()), share
    )


def years_by_account(stints: pd.DataFrame, until: int, accounts: int) -> np.ndarray:
    """Years that each account was scored for, up to and including a day."""
    days = np.minimum(stints.ends_on, until) - stints.starts_on + 1
    return np.bincount(stints.account, np.maximum(days, 0), accounts) / DAYS_A_YEAR


def _account_years(stints: pd.DataFrame, until: int) -> float:
    return float(years_by_account(stints, until, int(stints.account.max()) + 1).sum())
