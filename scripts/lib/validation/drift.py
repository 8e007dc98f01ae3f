"""Is the population still the one that was scored first, and is the churn model still right: what the
marts score_stability and calibration_drift say, for the report. Nothing is computed here, and what
rests on too few churned accounts is not repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from . import limits
from .bootstrap import Interval
from .protocol import Refusals

EVERYBODY = "all"


@dataclass(frozen=True)
class Stability:
    """One month of an item beside its reference.

    chance: what sampling alone gives on average for so few accounts; an index near it says nothing.
    stability: the word of the mart (stable, ask_why, another_population).
    new_version: share of the accounts scored by a version that came after the reference.
    """

    date: date
    accounts: int
    reference_accounts: int
    index: float
    chance: float
    stability: str
    mean_points: float | None
    reference_mean_points: float
    not_observed: float
    reference_not_observed: float
    new_version: float


@dataclass(frozen=True)
class Item:
    """The score, a dimension or a signal, of everybody or of one scorecard, month by month."""

    scorecard_id: str
    item_kind: str
    item_id: str
    first_reference_date: date
    last_reference_date: date
    months: list[Stability]

    @property
    def name(self) -> str:
        """What the report calls it."""
        return self.item_id if self.scorecard_id == EVERYBODY else f"{self.item_id}, {self.scorecard_id}"


@dataclass(frozen=True)
class Drift:
    """The items in the order of the mart, and above which index a month is asked about."""

    question_above: float
    shift_above: float
    items: list[Item]

    @property
    def score(self) -> Item | None:
        """The score of everybody."""
        found = [
            item
            for item in self.items
            if (item.scorecard_id, item.item_kind) == (EVERYBODY, "score")
        ]
        return found[0] if found else None


@dataclass(frozen=True)
class CalibrationQuarter:
    """Accounts that left in the windows of one quarter beside what a released model expected.

    calibration: the word of the mart (as_expected, too_few_expected, too_many_expected). It and the
    observed rate are None where too few left to judge a model on.
    """

    quarter_starts_on: date
    model_id: str
    horizon_id: str
    accounts: int
    churned_accounts: int
    expected: float
    observed: Interval | None
    calibration: str | None


def drift(rows: list[dict[str, Any]] | None, refusals: Refusals) -> Drift | None:
    """The rows of score_stability in their order; refused where there are none."""
    if not rows:
        why = (
            "the mart score_stability is not built; run make build"
            if rows is None
            else "no month follows the reference months of the seed drift_limits"
        )
        refusals.refuse("drift", why)
        return None
    months: dict[tuple, list[Stability]] = {}
    for row in rows:
        key = (
            row["scorecard_id"], row["item_kind"], row["item_id"],
            row["first_reference_date"], row["last_reference_date"],
        )  # fmt: skip
        months.setdefault(key, []).append(
            Stability(
                date=row["observation_date"],
                accounts=row["accounts"],
                reference_accounts=row["reference_accounts"],
                index=float(row["stability_index"]),
                chance=float(row["index_by_chance"]),
                stability=row["stability"],
                mean_points=None if row["mean_points"] is None else float(row["mean_points"]),
                reference_mean_points=float(row["reference_mean_points"]),
                not_observed=float(row["not_observed_share"]),
                reference_not_observed=float(row["reference_not_observed_share"]),
                new_version=float(row["new_version_share"]),
            )
        )
    return Drift(
        question_above=float(rows[0]["question_above"]),
        shift_above=float(rows[0]["shift_above"]),
        items=[Item(*key, found) for key, found in months.items()],
    )


def calibration_drift(
    rows: list[dict[str, Any]] | None, refusals: Refusals
) -> list[CalibrationQuarter] | None:
    """The rows of calibration_drift in their order, counts alone where too few left; refused where there
    are none."""
    if not rows:
        why = (
            "the mart calibration_drift is not built; run make build"
            if rows is None
            else "no churn model is released, or no window of one has closed"
        )
        refusals.refuse("calibration drift", why)
        return None
    return [_quarter(row, refusals) for row in rows]


def _quarter(row: dict[str, Any], refusals: Refusals) -> CalibrationQuarter:
    """A released model is judged on as many churned accounts here as on all its dates."""
    is_refused = refusals.too_few(
        f"calibration drift of {row['model_id']}, {row['horizon_id']}, from {row['quarter_starts_on']}",
        row["churned_accounts"], limits.JUDGING_PERIOD_FROM,
    )  # fmt: skip
    rates = (float(row[name]) for name in ("churn_rate", "churn_rate_low", "churn_rate_high"))
    return CalibrationQuarter(
        quarter_starts_on=row["quarter_starts_on"],
        model_id=row["model_id"],
        horizon_id=row["horizon_id"],
        accounts=row["accounts"],
        churned_accounts=row["churned_accounts"],
        expected=float(row["expected_rate"]),
        observed=None if is_refused else Interval(*rates),
        calibration=None if is_refused else row["calibration"],
    )
