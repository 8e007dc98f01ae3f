"""The same question for every segment: a score may work for one and fail for another."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from . import limits
from .bands import WorstAgainstBest, unless_too_few, worst_against_best
from .bootstrap import Resamples
from .discrimination import Discrimination, discrimination, risk_of_score
from .protocol import Refusals, churned_accounts


@dataclass(frozen=True)
class Segment:
    """Measures of one segment; None where refused. `is_pooled`: too small to fit anything for it alone."""

    segment_id: str
    observations: int
    accounts: int
    churned_accounts: int
    is_pooled: bool
    discrimination: Discrimination | None
    worst_against_best: WorstAgainstBest | None


def by_segment(rows: pd.DataFrame, resamples: Resamples, refusals: Refusals) -> list[Segment]:
    """All segments in the order of their names."""
    return [
        _segment(str(name), inside, resamples, refusals)
        for name, inside in rows.groupby("segment_id")
    ]


def _segment(name: str, rows: pd.DataFrame, resamples: Resamples, refusals: Refusals) -> Segment:
    churned = churned_accounts(rows)
    measured = compared = None
    if not refusals.too_few(f"measures of segment {name}", churned, limits.SEGMENT_FROM):
        risk = risk_of_score(rows.score)
        measured = discrimination(rows, risk, resamples, f"segment {name}")
        what = f"worst against best band of segment {name}"
        compared = unless_too_few(worst_against_best(rows, resamples), what, refusals)
    return Segment(
        name,
        len(rows),
        rows.account.nunique(),
        churned,
        churned < limits.SEGMENT_POOLED_BELOW,
        measured,
        compared,
    )
