"""The whole protocol in its order: from the marts to everything that the report shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from . import limits
from .bands import (
    BandRate,
    Trend,
    WorstAgainstBest,
    band_order,
    ordered_trend,
    unless_too_few,
    worst_against_best,
)
from .baselines import CEILING, ceiling_comparison, plain_comparisons
from .bootstrap import Resamples
from .calibration import Calibration, ReleasedModel, calibration, released_models
from .discrimination import (
    Comparison,
    Discrimination,
    discrimination,
    risk_of_score,
    suspicions,
)
from .drift import CalibrationQuarter, Drift, calibration_drift, drift
from .history import BandChanges, Entries, LeadTime, band_changes, entries_into_worst, lead_time
from .protocol import Periods, Refusal, Refusals, churned_accounts, split_by_date
from .reading import Horizon, Marts, as_date
from .segments import Segment, by_segment
from .survival import Survival, first_rows, survival
from .verdict import Verdict, decide


@dataclass(frozen=True)
class Counts:
    """What there was to judge. Churns are counted between the first and the last day of any window."""

    accounts: int
    observations: int
    censored: int
    churned_in_gap: int
    without_score: int
    judged: int
    churned_accounts: int
    churned_observations: int
    actions_known: int
    acted_on: int
    churned_acted_on: int
    first_observation: date
    last_observation: date
    last_judged_observation: date | None
    last_day: date
    churns: int
    churns_never_scored: int
    churns_scored_never_judged: int
    churns_by_basis: dict[str, int]
    rows_of_unknown_accounts: dict[str, int]


@dataclass
class Findings:
    """Everything that was found; what was refused is None or empty, and says so in `refused`."""

    horizon: Horizon
    bootstraps: int
    seed: int
    verdict: Verdict
    counts: Counts
    integrity: dict[str, int]
    warnings: list[str]
    periods: Periods | None = None
    bands: list[BandRate] | None = None
    worst_against_best: WorstAgainstBest | None = None
    trend: Trend | None = None
    discrimination: Discrimination | None = None
    renewal_due: Discrimination | None = None
    renewal_not_due: Discrimination | None = None
    not_acted_on: Discrimination | None = None
    worst_against_best_not_acted_on: WorstAgainstBest | None = None
    baselines: list[Comparison] | None = None
    calibration: Calibration | None = None
    released_models: list[ReleasedModel] | None = None
    survival: Survival | None = None
    lead_time: LeadTime | None = None
    entries: Entries | None = None
    band_changes: BandChanges | None = None
    drift: Drift | None = None
    calibration_drift: list[CalibrationQuarter] | None = None
    segments: list[Segment] | None = None
    refused: list[Refusal] = field(default_factory=list)


def judge(marts: Marts, bootstraps: int, seed: int, quiet: bool = True) -> Findings:
    """Everything the protocol asks of these marts, or as much of it as their outcomes allow."""
    decision = decide(marts, bootstraps, seed, quiet)
    rows, resamples = decision.rows, decision.resamples
    refusals = Refusals(decision.refused)
    findings = Findings(
        horizon=marts.horizon,
        bootstraps=bootstraps,
        seed=seed,
        verdict=decision.verdict,
        counts=_counts(marts, rows),
        integrity=marts.integrity,
        warnings=_warnings(marts, rows, bootstraps),
        bands=decision.bands,
        worst_against_best=decision.worst_against_best,
        refused=refusals.refused,
    )
    if any(marts.integrity.values()):
        return findings
    # Neither needs a verdict: drift looks at no outcomes, and calibration drift has a floor of its own.
    findings.drift = drift(marts.stability, refusals)
    findings.calibration_drift = calibration_drift(marts.calibration, refusals)
    if resamples is None:
        return findings

    split = split_by_date(rows, marts.horizon.window_days)
    risk = risk_of_score(rows.score)
    findings.periods = split.periods() if split else None
    findings.trend = ordered_trend(rows) if decision.worst_against_best else None
    findings.discrimination = discrimination(rows, risk, resamples, "ranking")
    _by_renewal(findings, rows, risk, resamples, refusals)
    _by_action(findings, rows, risk, resamples, refusals)
    findings.baselines = plain_comparisons(rows, resamples, refusals)
    ceiling = ceiling_comparison(rows, marts.signals, split, resamples, refusals, seed)
    findings.baselines += [ceiling] if ceiling else []
    findings.calibration = calibration(rows, split, resamples, refusals)
    findings.released_models = released_models(
        rows, marts.horizon.window_days, resamples, refusals
    )
    lives = first_rows(marts.outcomes)
    if not refusals.too_few(
        "survival and concordance", int(lives.is_event.sum()), limits.MEASURES_FROM
    ):
        order = band_order(marts.outcomes)
        findings.survival = survival(lives, order, marts.horizon.window_days, resamples, seed)
    findings.lead_time = lead_time(marts.stints, marts.horizon, refusals)
    findings.entries = entries_into_worst(
        marts.stints, marts.horizon, marts.last_day, float(rows.churned.mean()), resamples, refusals
    )
    findings.band_changes = band_changes(marts.stints, resamples)
    findings.segments = by_segment(rows, resamples, refusals)
    # A leak in the signals lifts the score little where it hardly weighs them, but boosting finds it.
    findings.warnings += suspicions(
        {"the score": findings.discrimination.auc_within_date}
        | {one.baseline: one.baseline_auc_within_date for one in findings.baselines}
    )
    for compared in findings.baselines:
        if compared.baseline == CEILING and compared.difference_within_date.low > 0:
            findings.warnings.append(
                "the score ranks better than boosting on its own signals: it knows what they do not, or there"
                " was little to fit on. Look for a leak before believing it"
            )
    return findings


def _by_renewal(
    findings: Findings,
    rows: pd.DataFrame,
    risk: np.ndarray,
    resamples: Resamples,
    refusals: Refusals,
) -> None:
    due = rows.is_renewal_due.to_numpy()
    for name, mask in (("renewal_due", due), ("renewal_not_due", ~due)):
        what = f"measures with the {name.replace('_', ' ')} inside the window"
        if not refusals.too_few(what, churned_accounts(rows[mask]), limits.MEASURES_FROM):
            setattr(findings, name, discrimination(rows[mask], risk[mask], resamples, name))


def _by_action(
    findings: Findings,
    rows: pd.DataFrame,
    risk: np.ndarray,
    resamples: Resamples,
    refusals: Refusals,
) -> None:
    what = "measures without the accounts that a CSM acted on"
    if rows.acted_on.isna().all():
        refusals.refuse(
            what, "no actions are known: touchpoints are off, or cover none of the dates that are judged"
        )
        return
    if not rows.acted_on.any():
        refusals.refuse(what, "nobody was acted on, so that they are all accounts")
        return
    left = (rows.acted_on == 0).to_numpy()
    if refusals.too_few(what, churned_accounts(rows[left]), limits.MEASURES_FROM):
        return
    findings.not_acted_on = discrimination(rows[left], risk[left], resamples, "not acted on")
    findings.worst_against_best_not_acted_on = unless_too_few(
        worst_against_best(rows[left], resamples),
        "worst against best band without the accounts that a CSM acted on",
        refusals,
    )


def _counts(marts: Marts, rows: pd.DataFrame) -> Counts:
    outcomes = marts.outcomes
    closed = outcomes[outcomes.churned.notna()]
    judged_until = int(closed.date.max()) if len(closed) else None
    churns = _churns_in_time_judged(marts)
    never_scored = churns.first_scored_on.isna()
    left = rows[rows.churned == 1]
    judged = pd.MultiIndex.from_frame(churns[["account", "churned_on"]]).isin(
        pd.MultiIndex.from_arrays([left.account, left.churned_on.astype(int)])
    )
    return Counts(
        accounts=outcomes.account.nunique(),
        observations=len(outcomes),
        censored=int(outcomes.is_censored.sum()),
        churned_in_gap=int((outcomes.is_churned_in_gap & ~outcomes.is_censored).sum()),
        without_score=int((outcomes.churned.notna() & outcomes.score.isna()).sum()),
        judged=len(rows),
        churned_accounts=churned_accounts(rows),
        churned_observations=int(rows.churned.sum()),
        actions_known=int(rows.acted_on.notna().sum()),
        acted_on=int(rows.acted_on.sum()),
        churned_acted_on=int(rows.churned[rows.acted_on == 1].sum()),
        first_observation=as_date(outcomes.date.min()),
        last_observation=as_date(outcomes.date.max()),
        last_judged_observation=None if judged_until is None else as_date(judged_until),
        last_day=as_date(marts.last_day),
        churns=len(churns),
        churns_never_scored=int(never_scored.sum()),
        churns_scored_never_judged=int((~never_scored & ~judged).sum()),
        churns_by_basis={
            str(name): int(count) for name, count in churns.churn_basis.value_counts().items()
        },
        rows_of_unknown_accounts=marts.unknown_accounts,
    )


def _churns_in_time_judged(marts: Marts) -> pd.DataFrame:
    """Churns between the first and the last day of any window."""
    dates, window = marts.outcomes.date, marts.horizon
    closed = dates[marts.outcomes.churned.notna()]
    first = int(dates.min()) + window.gap_days
    last = int(closed.max()) + window.window_days if len(closed) else first
    return marts.churns[marts.churns.churned_on.between(first + 1, last)]


def _warnings(marts: Marts, rows: pd.DataFrame, bootstraps: int) -> list[str]:
    found = []
    if bootstraps < limits.BOOTSTRAPS:
        found.append(f"{bootstraps} resamples; the protocol asks for {limits.BOOTSTRAPS} or more")
    at_end = _churns_in_time_judged(marts).is_last_paid_day
    if at_end.mean() > limits.LAST_PAID_DAY_SHARE:
        found.append(
            f"{at_end.sum():,} of {len(at_end):,} churns are dated on the last paid day. If leaving was"
            " decided before, scores from after the decision flatter: bring the day of the notice"
        )
    unknown = {name: count for name, count in marts.unknown_accounts.items() if count}
    if unknown:
        listed = " and ".join(f"{count:,} rows of {name}" for name, count in unknown.items())
        found.append(
            f"{listed} are of accounts that the account table does not have. Who left and was deleted from it"
            " is no churner here, and that flatters: bring the deleted accounts back"
        )
    known = int(rows.acted_on.notna().sum())
    if 0 < known < len(rows):
        found.append(
            f"who was acted on is known of {known:,} of {len(rows):,} observations; the figures without"
            " those acted on are about these alone"
        )
    return found
