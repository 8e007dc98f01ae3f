"""What both proposals share on paper: Markdown tables, figures with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lib.validation.bootstrap import Interval
from lib.validation.protocol import Refusals, Split
from lib.validation.reading import Horizon

# Wherever a probability of the model is shown, its interval is explained in these words.
INTERVAL_WORDS = (
    "The interval is the uncertainty of the average rate of accounts that look alike. It is not a range"
    " for one account, which stays or leaves."
)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """A Markdown table with an empty line behind it."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return [*lines, ""]


def figure(value: float, decimals: int = 3, signed: bool = False) -> str:
    """A number, or a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:{'+' if signed else ''}.{decimals}f}"


def ends(found: Interval, decimals: int = 3, signed: bool = False) -> str:
    """Both ends of an interval."""
    return f"{figure(found.low, decimals, signed)} to {figure(found.high, decimals, signed)}"


def window_words(horizon: Horizon) -> str:
    """The window of the outcome in words."""
    return (
        f"leaving decided in the {horizon.horizon_days} days that begin {horizon.gap_days} days after"
        " the observation"
    )


def periods_words(split: Split | None) -> list[str]:
    """What was fitted and judged on."""
    if split is None:
        return ["- No date leaves enough churned accounts both to fit on and to judge on."]
    periods = split.periods()
    return [
        f"- Fitted on {periods.observations_to_fit:,} observations whose window closed by"
        f" {periods.first_judging_date}: {periods.churned_accounts_to_fit:,} churned accounts.",
        f"- Judged on {periods.observations_to_judge:,} observations from {periods.first_judging_date}:"
        f" {periods.churned_accounts_to_judge:,} churned accounts.",
    ]


def refused_words(refusals: Refusals) -> list[str]:
    """What was refused, and why."""
    if not refusals.refused:
        return []
    return ["## Refused", "", *(f"- {one.what}: {one.why}." for one in refusals.refused), ""]
