"""Every error of a scorecard stops the build, and its message names the seed, the row and the mend.

Breaks that do not disturb each other share a copy of the seeds, a group; each copy must give the messages
of its breaks and no other.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunnerResult

import scorecard
from lib.scorecard.definition import Definition
from support.dbt import PROJECT, failure_text, run_dbt
from support.postgres import connect, new_database
from support.worlds import generate_world

NO_TESTS = ("--exclude-resource-type", "test", "unit_test")
# The checks are views over the seeds: once they stand, the seeds and what reads the checks suffice.
CHECKED = ("build", "--select", "+stg_scorecard__errors", *NO_TESTS)
CHECKED_AGAIN = ("build", "--select", "path:seeds/scorecard", "stg_scorecard__errors", *NO_TESTS)

CHECKS = sorted((PROJECT / "models/staging/scorecard/checks").glob("*.sql"))

NUMBER = "write a number such as 12.5, of at most 6 decimals"
COEFFICIENT = "write a number such as 0.000125, of at most 20 decimals"
WHOLE = "write a whole number from 0"
DATE = "write a date as year-month-day"
NAME = "give it a name; the word none stands for nothing"
BLANKS = "take the blanks at its ends away"
SHARES = "min_coverage and min_dimension_coverage are shares"
WEIGHTS = "make them sum to 100"
TILE = "let the bands tile 0 to 100, each beginning where the one below it ends"
NO_DIMENSION = (
    "the version has no dimension",
    "add rows to dimensions.csv or extend a version that has them",
)
NO_BANDS = ("the version has no bands", "add rows to bands.csv or extend a version that has them")


class Seeds:
    """The scorecard seeds as rows of cells, to be changed and saved as a seeds folder."""

    def __init__(self, folder: Path) -> None:
        self.columns: dict[str, list[str]] = {}
        self.rows: dict[str, list[dict[str, str]]] = {}
        for path in sorted(folder.glob("scorecard/*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                self.rows[path.stem] = list(reader)
                self.columns[path.stem] = list(reader.fieldnames or [])

    def find(self, seed: str, **cells: str) -> list[dict[str, str]]:
        return [row for row in self.rows[seed] if cells.items() <= row.items()]

    def row(self, seed: str, **cells: str) -> dict[str, str]:
        """The one row with these cells."""
        (found,) = self.find(seed, **cells)
        return found

    def add(self, seed: str, **cells: str) -> None:
        assert set(cells) == set(self.columns[seed])
        self.rows[seed].append(cells)

    def copy(self, seed: str, like: dict[str, str], **changes: str) -> None:
        """Append a copy of the one row with the cells of `like`, changed."""
        self.add(seed, **{**self.row(seed, **like), **changes})

    def remove(self, seed: str, **cells: str) -> None:
        self.rows[seed].remove(self.row(seed, **cells))

    def card(self, name: str, **changes: str) -> None:
        """Append a scorecard that extends the standard one."""
        extends = {"extends_scorecard_id": "standard", "extends_version": "1"}
        self.copy("scorecards", STANDARD, **{"scorecard_id": name, **extends, **changes})

    def dimension(self, card: str, dimension: str, more: int) -> None:
        """Give a scorecard the standard's dimension with another weight."""
        like = {**STANDARD, "dimension_id": dimension}
        weight = int(self.row("dimensions", **like)["weight"]) + more
        self.copy("dimensions", like, scorecard_id=card, weight=str(weight))

    def signal(self, card: str, signal: str, **changes: str) -> None:
        """Give a scorecard the standard's row of a signal, changed."""
        like = {**STANDARD, "signal_id": signal}
        self.copy("scorecard_signals", like, **{"scorecard_id": card, **changes})

    def bands(self, card: str, **bounds: tuple[str, str]) -> None:
        """Append a scorecard with bands of its own."""
        self.card(card)
        for band, (lower, upper) in bounds.items():
            key = {"scorecard_id": card, "scorecard_version": "1", "band_id": band}
            self.add("bands", **key, lower_bound=lower, upper_bound=upper)

    def point_rule(self, card: str, rule: str = "negative_review", **changes: str) -> None:
        """Append a point rule of a scorecard, and the scorecard if it is not there."""
        if not self.find("scorecards", scorecard_id=card):
            self.card(card)
        cells = {
            "scorecard_id": card, "scorecard_version": "1", "rule_id": rule, "points": "-5",
            "completion_days": "1", "expires_after_days": "90", "cooldown_days": "0",
            "limit_points": "5", "label": "a test",
        }  # fmt: skip
        self.add("point_rules", **{**cells, **changes})

    def steps(self, rule: str, *numbers: str, **changes: str) -> None:
        """Append steps of a rule, each a negative review."""
        cells = {"event_kind": "review", "event_key": "negative", "consecutive_days": "1"}
        for number in numbers:
            self.add("point_rule_steps", rule_id=rule, step_number=number, **{**cells, **changes})

    def segment(self, name: str, **changes: str) -> None:
        """Append a row of a segment, by default one that takes nobody."""
        cells = {
            "segment_id": name, "priority": "5", "attribute": "plan", "operator": "is",
            "value": "nobody", "scorecard_id": "standard", "valid_from": "1900-01-01",
            "valid_to": "9999-12-31", "note": "a test",
        }  # fmt: skip
        self.add("segments", **{**cells, **changes})

    def override(self, name: str, **changes: str) -> None:
        """Append an override of a scale, in force for January."""
        cells = {
            "override_id": name, "account_id": name, "signal_id": "active_users_per_seat",
            "field": "scale_factor", "value": "2", "valid_from": "2024-01-01", "valid_to": "2024-01-31",
            "author": "tests", "reason": "a test",
        }  # fmt: skip
        self.add("account_overrides", **{**cells, **changes})

    def model(self, name: str, terms: tuple[str, ...] = ("intercept", "score"), **changes: str) -> None:
        """Append a churn model with terms and the covariance of every two; each begins on its day."""
        day = 1 + len(self.rows["churn_models"])
        cells = {
            "model_id": name, "horizon_id": "quarter", "valid_from": f"2024-01-{day:02}",
            "interval_z": "1.96", "author": "tests", "note": "a test",
        }  # fmt: skip
        self.add("churn_models", **{**cells, **changes})
        for term in terms:
            cells = {"coefficient": "-0.5", "reference_value": "1" if term == "intercept" else "70"}
            self.add("churn_model_terms", model_id=name, term=term, **cells)
            for other in terms:
                key = {"model_id": name, "term": term, "other_term": other}
                self.add("churn_model_covariances", **key, covariance="0.000000000000001")

    def cap(self, name: str, **changes: str) -> None:
        """Append a risk cap of the scorecard capped, by default one that is right."""
        cells = {
            "scorecard_id": "capped", "scorecard_version": "1", "cap_id": name,
            "signal_id": "overdue_age", "operator": "at_least", "value": "60", "max_score": "39",
            "max_band": "none", "label": "a test",
        }  # fmt: skip
        self.add("risk_caps", **{**cells, **changes})

    def save(self, folder: Path) -> None:
        for seed, rows in self.rows.items():
            path = folder / "scorecard" / f"{seed}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, self.columns[seed], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


STANDARD = {"scorecard_id": "standard", "scorecard_version": "1"}


@dataclass(frozen=True)
class Break:
    """One thing wrong with the seeds, and the messages it must give."""

    group: str
    name: str
    change: Callable[[Seeds], None]
    messages: tuple[str, ...]


BREAKS: list[Break] = []


def message(seed: str, row_key: str, problem: str, mend: str) -> str:
    return f"seeds/scorecard/{seed}.csv, row {row_key}: {problem}. Mend: {mend}."


def breaks(group: str, *messages: tuple[str, str, str, str]) -> Callable:
    """Registers a function that breaks the seeds, with seed, row, problem, mend of each message."""

    def register(change: Callable[[Seeds], None]) -> Callable[[Seeds], None]:
        BREAKS.append(
            Break(group, change.__name__, change, tuple(message(*parts) for parts in messages))
        )
        return change

    return register


# --- weights and bands --------------------------------------------------------------------------


def sums_to(kind: str, total: str) -> str:
    return f"the {kind} sum to {total}, inherited ones included"


@breaks(
    "weights",
    ("dimensions", "dimensions_off/1", sums_to("dimension weights", "101.0000"), WEIGHTS),
)
def dimension_weights_do_not_sum(seeds: Seeds) -> None:
    seeds.card("dimensions_off")
    seeds.dimension("dimensions_off", "usage", +1)


@breaks(
    "weights",
    (
        "scorecard_signals", "signals_off/1/support",
        sums_to("signal weights of the dimension", "100.5000"), WEIGHTS,
    ),
)  # fmt: skip
def signal_weights_do_not_sum(seeds: Seeds) -> None:
    seeds.card("signals_off")
    weight = seeds.row("scorecard_signals", **STANDARD, signal_id="csat")["weight"]
    seeds.signal("signals_off", "csat", weight=f"{weight}.5")


@breaks("weights", ("dimensions", "child/1", sums_to("dimension weights", "95.0000"), WEIGHTS))
def weights_do_not_sum_with_what_is_inherited(seeds: Seeds) -> None:
    """The parent moves five from usage to support and is right; the child puts support back."""
    seeds.card("parent")
    seeds.dimension("parent", "usage", -5)
    seeds.dimension("parent", "support", +5)
    seeds.card("child", extends_scorecard_id="parent")
    seeds.dimension("child", "support", 0)


@breaks(
    "weights",
    (
        "dimensions", "negative_dimension/1/below_zero",
        "the weight is negative", "write 0 to take the dimension out",
    ),
)  # fmt: skip
def a_dimension_has_a_negative_weight(seeds: Seeds) -> None:
    seeds.card("negative_dimension")
    seeds.dimension("negative_dimension", "usage", +1)
    like = {**STANDARD, "dimension_id": "usage"}
    changes = {"scorecard_id": "negative_dimension", "dimension_id": "below_zero", "weight": "-1"}
    seeds.copy("dimensions", like, **changes)


@breaks(
    "weights",
    (
        "scorecard_signals", "negative_signal/1/csat",
        "the weight is negative", "write 0 to take the signal out",
    ),
)  # fmt: skip
def a_signal_has_a_negative_weight(seeds: Seeds) -> None:
    seeds.card("negative_signal")
    weights = {
        name: int(seeds.row("scorecard_signals", **STANDARD, signal_id=name)["weight"])
        for name in ("csat", "reopen_rate")
    }
    seeds.signal("negative_signal", "csat", weight="-1")
    seeds.signal("negative_signal", "reopen_rate", weight=str(sum(weights.values()) + 1))


@breaks(
    "weights",
    (
        "dimensions", "hollow_dimension/1/hollow",
        "the dimension has weight and no signal",
        "add signals to scorecard_signals.csv or write weight 0",
    ),
)  # fmt: skip
def a_dimension_with_weight_has_no_signal(seeds: Seeds) -> None:
    seeds.card("hollow_dimension")
    seeds.dimension("hollow_dimension", "usage", -10)
    like = {**STANDARD, "dimension_id": "usage"}
    changes = {"scorecard_id": "hollow_dimension", "dimension_id": "hollow", "weight": "10"}
    seeds.copy("dimensions", like, **changes)


@breaks(
    "weights",
    ("scorecards", "empty/1", *NO_DIMENSION),
    ("scorecards", "empty/1", *NO_BANDS),
)
def a_version_has_neither_dimension_nor_band(seeds: Seeds) -> None:
    seeds.card("empty", extends_scorecard_id="none", extends_version="0")


@breaks("weights", ("bands", "gap/1/at_risk", "there is a gap below the band", TILE))
def bands_leave_a_gap(seeds: Seeds) -> None:
    seeds.bands("gap", critical=("0", "40"), at_risk=("40.0001", "70"), healthy=("70", "100"))


@breaks("weights", ("bands", "overlap/1/at_risk", "the band overlaps the one below it", TILE))
def bands_overlap(seeds: Seeds) -> None:
    seeds.bands("overlap", critical=("0", "40"), at_risk=("39.9999", "70"), healthy=("70", "100"))


@breaks("weights", ("bands", "floor/1/critical", "the lowest band does not begin at 0", TILE))
def bands_do_not_begin_at_0(seeds: Seeds) -> None:
    seeds.bands("floor", critical=("1", "40"), healthy=("40", "100"))


@breaks("weights", ("bands", "top/1/healthy", "the highest band does not end at 100", TILE))
def bands_do_not_end_at_100(seeds: Seeds) -> None:
    seeds.bands("top", critical=("0", "40"), healthy=("40", "99"))


@breaks(
    "weights",
    (
        "bands", "narrow/1/at_risk",
        "the band is empty: its lower bound is not below its upper bound", TILE,
    ),
)  # fmt: skip
def a_band_is_empty(seeds: Seeds) -> None:
    seeds.bands("narrow", critical=("0", "40"), at_risk=("40", "40"), healthy=("40", "100"))


@breaks(
    "weights",
    ("bands", "named/1/unknown", "the band unknown is for accounts without a score", TILE),
)
def a_band_is_called_unknown(seeds: Seeds) -> None:
    seeds.bands("named", unknown=("0", "40"), healthy=("40", "100"))


# --- names --------------------------------------------------------------------------------------


@breaks(
    "names",
    (
        "scorecard_signals", "stranger/1/no_such_signal",
        "unknown signal_id no_such_signal", "use a signal_id of signals.csv",
    ),
)  # fmt: skip
def a_scorecard_weighs_an_unknown_signal(seeds: Seeds) -> None:
    seeds.card("stranger")
    seeds.signal("stranger", "csat", signal_id="no_such_signal", weight="0")


@breaks(
    "names",
    (
        "scorecard_signals", "crooked/1/csat",
        "unknown curve_id no_such_curve", "use a curve_id of curves.csv",
    ),
)  # fmt: skip
def a_signal_has_an_unknown_curve(seeds: Seeds) -> None:
    seeds.card("crooked")
    seeds.signal("crooked", "csat", curve_id="no_such_curve")


@breaks(
    "names",
    (
        "scorecard_signals", "lost/1/active_users_per_student",
        "the version has no dimension no_such_dimension",
        "add it to dimensions.csv or name one that is there",
    ),
)  # fmt: skip
def a_signal_stands_in_an_unknown_dimension(seeds: Seeds) -> None:
    seeds.card("lost")
    changes = {"signal_id": "active_users_per_student", "dimension_id": "no_such_dimension"}
    seeds.signal("lost", "csat", **changes)


@breaks(
    "names",
    *(
        (
            seed, f"standard/99/{key}",
            "there is no version 99 of a scorecard standard",
            "name a version of scorecards.csv or add it there",
        )
        for seed, key in (
            ("dimensions", "usage"), ("scorecard_signals", "csat"), ("bands", "critical")
        )
    ),
    (
        "scorecard_signals", "standard/99/csat",
        "the version has no dimension support",
        "add it to dimensions.csv or name one that is there",
    ),
)  # fmt: skip
def rows_belong_to_an_unknown_version(seeds: Seeds) -> None:
    for seed, name, key in (
        ("dimensions", "dimension_id", "usage"),
        ("scorecard_signals", "signal_id", "csat"),
        ("bands", "band_id", "critical"),
    ):
        seeds.copy(seed, {**STANDARD, name: key}, scorecard_version="99")


@breaks(
    "names",
    (
        "scorecards", "orphan/1",
        "it extends no_such_card/7, which does not exist",
        "extend a version of scorecards.csv, or none and 0",
    ),
    ("scorecards", "orphan/1", *NO_DIMENSION),
    ("scorecards", "orphan/1", *NO_BANDS),
)  # fmt: skip
def a_version_extends_an_unknown_one(seeds: Seeds) -> None:
    seeds.card("orphan", extends_scorecard_id="no_such_card", extends_version="7")


@breaks(
    "names",
    *(
        (
            "signals", "measures_nothing",
            f"unknown {part} no_such_{part}", "use a measure_id of measures.csv",
        )
        for part in ("numerator", "denominator")
    ),
)  # fmt: skip
def a_signal_has_unknown_measures(seeds: Seeds) -> None:
    changes = {"numerator": "no_such_numerator", "denominator": "no_such_denominator"}
    seeds.copy("signals", {"signal_id": "csat"}, signal_id="measures_nothing", **changes)


@breaks(
    "names",
    (
        "signals", "badly_scaled",
        "unknown scale headcount", "use none, seats, average_seats, employees, students, recurring_revenue",
    ),
)  # fmt: skip
def a_signal_has_an_unknown_scale(seeds: Seeds) -> None:
    seeds.copy("signals", {"signal_id": "csat"}, signal_id="badly_scaled", scale="headcount")


@breaks(
    "names",
    (
        "answer_limits", "no_such_signal",
        "unknown signal_id no_such_signal", "use a signal_id of signals.csv",
    ),
)  # fmt: skip
def a_limit_of_answers_is_for_an_unknown_signal(seeds: Seeds) -> None:
    seeds.copy("answer_limits", {"signal_id": "nps"}, signal_id="no_such_signal")


@breaks(
    "names",
    (
        "signals", "unsourced",
        "sources names one that sources.csv does not have",
        "write source_ids of sources.csv with | between them",
    ),
)  # fmt: skip
def a_signal_has_an_unknown_source(seeds: Seeds) -> None:
    sources = "usage_events|no_such_source"
    seeds.copy("signals", {"signal_id": "csat"}, signal_id="unsourced", sources=sources)


@breaks(
    "names",
    (
        "signals", "nearly_sourced",
        "sources names one that sources.csv does not have",
        "write source_ids of sources.csv with | between them",
    ),
)  # fmt: skip
def a_source_differs_where_an_underline_would_match(seeds: Seeds) -> None:
    sources = "usage_events|support-tickets"
    seeds.copy("signals", {"signal_id": "csat"}, signal_id="nearly_sourced", sources=sources)


@breaks(
    "names",
    (
        "sources", "of_no_table/1900-01-01",
        "unknown raw table no_such_table", "use a table of docs/raw_contract.md",
    ),
)  # fmt: skip
def a_source_has_an_unknown_raw_table(seeds: Seeds) -> None:
    like = {"source_id": "usage_events"}
    seeds.copy("sources", like, source_id="of_no_table", table_name="no_such_table")


@breaks(
    "names",
    (
        "signals", "badly_grained",
        "the measure active_days is counted per account and the signal per product",
        "let the grains agree",
    ),
)  # fmt: skip
def a_signal_and_its_measure_differ_in_grain(seeds: Seeds) -> None:
    like = {"signal_id": "active_days"}
    seeds.copy("signals", like, signal_id="badly_grained", grain="product")


@breaks(
    "names",
    *(
        ("signals", name, "a window of 0 days", "write 1 or more days (1 for a level)")
        for name in ("windowless_numerator", "windowless_denominator")
    ),
)
def a_signal_has_a_window_of_0_days(seeds: Seeds) -> None:
    for part in ("numerator", "denominator"):
        window = {"signal_id": f"windowless_{part}", f"{part}_window_days": "0"}
        seeds.copy("signals", {"signal_id": "csat"}, **window)


@breaks(
    "registry",
    *(
        (
            "signals", f"of_{base}",
            f"it looks at {base}, which is no signal that is measured from a source",
            "name a signal_id of signals.csv whose calculation is ratio or recency",
        )
        for base in ("events", "usage_trend")
    ),
    (
        "signals", "badly_derived",
        "it is per product and looks at a signal per account", "let the grains agree",
    ),
    (
        "signals", "of_part_weeks",
        "the window of 20 days is no number of weeks",
        "write a multiple of 7, for slope and anomaly of 14 or more",
    ),
    *(
        (
            "signals", name, f"slope of at least {least} values",
            "write a min_count of 2 or more that the weeks of the window can hold",
        )
        for name, least in (("of_one_week", "1"), ("of_too_many_weeks", "13"))
    ),
    (
        "signals", "twice_divided",
        "slope has no denominator and no scale of its own",
        "write none in denominator and scale",
    ),
)  # fmt: skip
def derived_signals_that_cannot_be(seeds: Seeds) -> None:
    like = {"signal_id": "usage_trend"}
    for base in ("events", "usage_trend"):
        seeds.copy("signals", like, signal_id=f"of_{base}", numerator=base)
    seeds.copy("signals", like, signal_id="badly_derived", grain="product")
    seeds.copy("signals", like, signal_id="of_part_weeks", numerator_window_days="20", min_count="2")
    seeds.copy("signals", like, signal_id="of_one_week", min_count="1")
    seeds.copy("signals", like, signal_id="of_too_many_weeks", min_count="13")
    seeds.copy("signals", like, signal_id="twice_divided", scale="seats")


@breaks(
    "registry",
    (
        "signals", "never_fresh",
        "its weight falls from 90 days on and is nothing at 90",
        "let fresh_days be less than stale_after_days, or 0",
    ),
)  # fmt: skip
def a_signal_is_stale_before_it_ages(seeds: Seeds) -> None:
    seeds.copy("signals", {"signal_id": "csat"}, signal_id="never_fresh", fresh_days="90")


@breaks(
    "registry",
    *(
        (
            "signals", name, f"silent says nothing of a {what}",
            "write missing or not_applicable in zero_denominator",
        )
        for name, what in (
            ("undivided", "ratio without a denominator"),
            ("aging", "ratio whose weight falls with age"),
            ("unexpected", "anomaly"),
        )
    ),
)  # fmt: skip
def silence_that_cannot_be_observed(seeds: Seeds) -> None:
    for name, like in (("undivided", "active_days"), ("aging", "csat_latest"), ("unexpected", "usage_anomaly")):
        seeds.copy("signals", {"signal_id": like}, signal_id=name, zero_denominator="silent")


@breaks(
    "registry",
    *(
        ("sources", name, f"{name} is 1.1, more than the whole", "write a share from 0 to 1")
        for name in ("max_late_share", "usual_gap_share")
    ),
)
def more_gaps_than_there_are(seeds: Seeds) -> None:
    for name in ("max_late_share", "usual_gap_share"):
        seeds.copy("sources", {"source_id": "invoices"}, source_id=name, **{name: "1.1"})


@breaks(
    "registry",
    (
        "product_weights", "per_product/1/workspace/active_days",
        "the version gives the signal no weight, or measures it per account",
        "name a signal of the grain product that scorecard_signals.csv weighs",
    ),
    (
        "product_weights", "per_product/1/insights",
        "in the dimension usage the weights of the product differ by 5.0000"
        " from those of scorecard_signals.csv",
        "let them sum to the same",
    ),
    (
        "product_weights", "per_product/1/automate/feature_breadth",
        "the weight is negative", "write 0 to take the signal out for the product",
    ),
)  # fmt: skip
def products_that_weigh_too_much(seeds: Seeds) -> None:
    seeds.card("per_product")
    key = {"scorecard_id": "per_product", "scorecard_version": "1"}
    for product, signal, weight in (
        ("workspace", "active_days", "60"),
        ("insights", "key_feature_adoption", "30"),
        ("automate", "feature_breadth", "-5"),
        ("automate", "key_feature_adoption", "40"),
    ):
        seeds.add("product_weights", **key, product_id=product, signal_id=signal, weight=weight)


# --- segments, overrides, curves ----------------------------------------------------------------

NUMBERS = "seats, employees, students, recurring_revenue, tenure_days"
WORDS = "plan, industry, use_case, region, lifecycle_stage, owner_id, parent_account_id"
LISTS = {"l1": "nord | dach", "l2": "nord||dach", "l3": "nord|"}
NEEDS_NUMBERS = f"use it with a number, on one of {NUMBERS}"


@breaks(
    "rules",
    (
        "segments", "s1/shoe_size/is/nobody/1900-01-01",
        "unknown attribute shoe_size", f"use any, {WORDS}, {NUMBERS}",
    ),
)  # fmt: skip
def a_segment_asks_for_an_unknown_attribute(seeds: Seeds) -> None:
    seeds.segment("s1", attribute="shoe_size")


@breaks(
    "rules",
    (
        "segments", "s2/plan/equals/nobody/1900-01-01",
        'operator is "equals"', "write one of is, is_not, in, at_least, below",
    ),
)  # fmt: skip
def a_segment_compares_with_an_unknown_operator(seeds: Seeds) -> None:
    seeds.segment("s2", operator="equals")


@breaks(
    "rules",
    (
        "segments", "s3/plan/at_least/20/1900-01-01",
        "the operator at_least compares numbers", NEEDS_NUMBERS,
    ),
    (
        "segments", "s4/seats/below/twenty/1900-01-01",
        "the operator below compares numbers", NEEDS_NUMBERS,
    ),
    (
        "segments", "s5/seats/is/20/1900-01-01",
        "the operator is compares words", "use at_least or below for numbers",
    ),
)  # fmt: skip
def a_segment_compares_words_with_numbers(seeds: Seeds) -> None:
    seeds.segment("s3", operator="at_least", value="20")
    seeds.segment("s4", attribute="seats", operator="below", value="twenty")
    seeds.segment("s5", attribute="seats", operator="is", value="20")


STAGES = "trial, onboarding, adopted, renewal, notice_given, churned, reactivated"


@breaks(
    "milestones",
    *(
        (
            "segments", f"{name}/lifecycle_stage/{operator}/{value}/1900-01-01",
            f"lifecycle_stage {operator} {value} names a stage that does not exist",
            f"use {STAGES}, for in with | between them",
        )
        for name, operator, value in (
            ("s10", "is", "onbording"), ("s11", "is_not", "trial|churned"),
            ("s12", "in", "trial|onbording|churned"),
        )
    ),
)  # fmt: skip
def a_segment_names_an_unknown_stage(seeds: Seeds) -> None:
    """Each of them by its name, in whatever case, is right."""
    for name, operator, value in (
        ("s10", "is", "onbording"), ("s11", "is_not", "trial|churned"),
        ("s12", "in", "trial|onbording|churned"), ("s13", "is", "Reactivated"),
        ("s14", "in", STAGES.replace(", ", "|")), ("s15", "is_not", "notice_given"),
    ):  # fmt: skip
        seeds.segment(name, attribute="lifecycle_stage", operator=operator, value=value)


@breaks(
    "rules",
    *(
        (
            "segments", f"{name} from 1900-01-01",
            "the rows of one segment differ in priority, scorecard or valid_to",
            "give them the same, or another segment_id",
        )
        for name in ("s6", "s7", "s8")
    ),
)  # fmt: skip
def the_rows_of_a_segment_differ(seeds: Seeds) -> None:
    differences = {"priority": "7", "scorecard_id": "education", "valid_to": "2030-12-31"}
    for name, (column, value) in zip(("s6", "s7", "s8"), differences.items()):
        seeds.segment(name)
        seeds.segment(name, attribute="region", **{column: value})


@breaks(
    "words",
    *(
        (
            "segments", f"{name}/plan/in/{value}/1900-01-01",
            f"the list {value} has blanks beside a bar, or nothing between two",
            "write its words with one | between them",
        )
        for name, value in LISTS.items()
    ),
)  # fmt: skip
def a_list_has_more_than_words(seeds: Seeds) -> None:
    for name, value in LISTS.items():
        seeds.segment(name, operator="in", value=value)


@breaks(
    "rules",
    (
        "segments", "s9/plan/is/nobody/1900-01-01",
        "unknown scorecard_id no_such_card", "use a scorecard_id of scorecards.csv",
    ),
)  # fmt: skip
def a_segment_leads_to_an_unknown_scorecard(seeds: Seeds) -> None:
    seeds.segment("s9", scorecard_id="no_such_card")


@breaks(
    "rules",
    (
        "account_overrides", "o1",
        "unknown signal_id no_such_signal", "use a signal_id of signals.csv",
    ),
    (
        "account_overrides", "o2",
        "unknown curve_id no_such_curve", "use a curve_id of curves.csv",
    ),
)  # fmt: skip
def an_override_names_what_does_not_exist(seeds: Seeds) -> None:
    seeds.override("o1", signal_id="no_such_signal")
    seeds.override("o2", field="curve_id", value="no_such_curve")


@breaks(
    "rules",
    *(
        (
            "account_overrides", name,
            f"the value {value} is no positive number", "write a number above 0",
        )
        for name, value in (("o3", "0"), ("o4", "double"))
    ),
)  # fmt: skip
def an_override_is_no_positive_number(seeds: Seeds) -> None:
    seeds.override("o3", value="0")
    seeds.override("o4", field="weight", value="double")


@breaks(
    "rules",
    (
        "account_overrides", "o5",
        "valid_to lies before valid_from", "write the last day on which it holds",
    ),
)  # fmt: skip
def an_override_ends_before_it_begins(seeds: Seeds) -> None:
    seeds.override("o5", valid_to="2023-12-31")


@breaks(
    "rules",
    (
        "account_overrides", "o6",
        "it overlaps o7, which sets the same field", "end one before the other begins",
    ),
)  # fmt: skip
def two_overrides_overlap_by_a_day(seeds: Seeds) -> None:
    """Another that begins on the day after, and one of another field, do not."""
    seeds.override("o6", account_id="a1")
    seeds.override("o7", account_id="a1", valid_from="2024-01-31", valid_to="2024-02-29")
    seeds.override("o8", account_id="a1", valid_from="2024-03-01", valid_to="2024-03-31")
    seeds.override("o9", account_id="a1", field="weight")


@breaks(
    "rules", ("curves", "lonely", "the curve has one control point", "add a second, at another x")
)
def a_curve_has_one_control_point(seeds: Seeds) -> None:
    seeds.add("curves", curve_id="lonely", x="1", points="50")


@breaks(
    "rules", ("curves", "twice/1", "the curve has two control points at this x", "keep one")
)
def a_curve_repeats_a_value_in_another_spelling(seeds: Seeds) -> None:
    for x, points in (("0", "0"), ("1", "50"), ("1.0", "60")):
        seeds.add("curves", curve_id="twice", x=x, points=points)


@breaks(
    "rules",
    *(
        ("curves", f"steep/{x}", "points lie outside 0 to 100", "write points from 0 to 100")
        for x in ("0", "1")
    ),
)
def a_curve_gives_points_outside_0_to_100(seeds: Seeds) -> None:
    for x, points in (("0", "-0.5"), ("1", "100.5"), ("2", "100")):
        seeds.add("curves", curve_id="steep", x=x, points=points)


# --- milestones ---------------------------------------------------------------------------------


@breaks(
    "milestones",
    *(
        (
            "milestones", f"{name}/1900-01-01",
            "it waits for an event and for a signal, or for neither",
            "write none in event_kind and event_key, or in signal_id",
        )
        for name in ("two_conditions", "no_condition")
    ),
    *(
        (
            "milestones", f"{name}/1900-01-01",
            f"no count of events is {words} later than at once", "write at_least and 1 or more",
        )
        for name, words in (("no_event", "at_least 0"), ("few_events", "at_most 3"))
    ),
    *(
        (
            "milestones", f"of_{signal}/1900-01-01",
            f"{signal} is no signal that is measured from a source",
            "name a signal_id of signals.csv whose calculation is ratio or recency",
        )
        for signal in ("usage_trend", "nothing", "milestone_pace")
    ),
    ("milestones", "at_once/1900-01-01", "it is due before the spell has begun", "write 1 or more days"),
    (
        "milestones", "for_nobody/1900-01-01",
        "unknown segment_id nobody", "use any, none or a segment_id of segments.csv",
    ),
    (
        "milestones", "of_praise/1900-01-01",
        "unknown event_key praise of the kind ticket", "use any, how_to, defect, question",
    ),
    (
        "milestones", "of_fans/1900-01-01",
        "there is no group fan of answers of the kind nps",
        "use any, or a group_id of this kind in survey_groups.csv",
    ),
)  # fmt: skip
def milestones_that_cannot_be(seeds: Seeds) -> None:
    """One that is set for nobody any more can."""
    event, signal = {"milestone_id": "first_use"}, {"milestone_id": "lasting_use"}
    none = {"event_kind": "none", "event_key": "none"}
    for like, name, changes in (
        (event, "two_conditions", {"signal_id": "csat"}), (event, "no_condition", none),
        (event, "no_event", {"value": "0"}), (event, "few_events", {"operator": "at_most", "value": "3"}),
        *((signal, f"of_{one}", {"signal_id": one}) for one in ("usage_trend", "nothing", "milestone_pace")),
        (signal, "at_once", {"due_days": "0"}), (signal, "for_nobody", {"segment_id": "nobody"}),
        (signal, "ended", {"segment_id": "none"}),
        (event, "of_praise", {"event_kind": "ticket", "event_key": "praise"}),
        (event, "of_fans", {"event_kind": "nps", "event_key": "fan"}),
    ):  # fmt: skip
        seeds.copy("milestones", like, **{"milestone_id": name, **changes})


# --- point rules --------------------------------------------------------------------------------

POINTS = "write points from -100 to 100, or 0 to take the rule out"
LIMIT = (
    "limit_points is less than one firing gives or takes",
    "write the most points that all firings together may give or take",
)
STEPS = (
    "the steps of the rule are not numbered 1, 2, 3 and so on",
    "number them from 1, without a gap",
)


@breaks(
    "point_rules",
    *(
        ("point_rules", f"{card}/1/negative_review", "points lie outside -100 to 100", POINTS)
        for card in ("too_good", "too_bad")
    ),
)
def points_of_a_rule_lie_outside_their_range(seeds: Seeds) -> None:
    """The ends of the range do not, nor do points of 0."""
    seeds.point_rule("too_good", points="100.01", limit_points="200")
    seeds.point_rule("too_bad", points="-100.01", limit_points="200")
    seeds.point_rule("best", points="100", limit_points="100")
    seeds.point_rule("worst", points="-100", limit_points="100")
    seeds.point_rule("taken_out", points="0", limit_points="0")


@breaks("point_rules", ("point_rules", "stingy/1/negative_review", *LIMIT))
def a_limit_is_below_one_firing(seeds: Seeds) -> None:
    seeds.point_rule("stingy", limit_points="4.99")


@breaks(
    "point_rules",
    (
        "point_rules", "boundless/1/negative_review",
        "limit_points is above 1000", "write at most 1000; more than 100 limits nothing",
    ),
)  # fmt: skip
def a_limit_is_none(seeds: Seeds) -> None:
    seeds.point_rule("boundless", limit_points="100000")
    seeds.point_rule("wide", limit_points="1000")


@breaks(
    "point_rules",
    *(
        (
            "point_rules", f"{card}/1/negative_review",
            f"{column} is 0, so that the rule never gives a point",
            "write 1 or more days (1 for the same day)",
        )
        for card, column in (("hasty", "completion_days"), ("fleeting", "expires_after_days"))
    ),
)  # fmt: skip
def a_rule_has_no_days(seeds: Seeds) -> None:
    seeds.point_rule("hasty", completion_days="0")
    seeds.point_rule("fleeting", expires_after_days="0")


@breaks(
    "point_rules",
    ("point_rule_steps", "idle/1", "consecutive_days is 0", "write 1 or more days"),
)
def a_step_has_no_days(seeds: Seeds) -> None:
    seeds.steps("idle", "1", consecutive_days="0")


@breaks("point_rules", *(("point_rule_steps", rule, *STEPS) for rule in ("from_0", "from_2", "gap")))
def steps_are_not_numbered_one_by_one(seeds: Seeds) -> None:
    seeds.steps("from_0", "0", "1")
    seeds.steps("from_2", "2", "3")
    seeds.steps("gap", "1", "3")
    seeds.steps("in_any_order", "2", "1")


@breaks(
    "point_rules",
    (
        "point_rules", "standard/99/negative_review",
        "there is no version 99 of a scorecard standard",
        "name a version of scorecards.csv or add it there",
    ),
)  # fmt: skip
def a_point_rule_belongs_to_an_unknown_version(seeds: Seeds) -> None:
    seeds.point_rule("standard", scorecard_version="99")


@breaks(
    "point_rules",
    (
        "point_rules", "stepless/1/no_such_rule",
        "unknown rule_id no_such_rule", "use a rule_id of point_rule_steps.csv",
    ),
)  # fmt: skip
def a_point_rule_has_no_steps(seeds: Seeds) -> None:
    seeds.point_rule("stepless", "no_such_rule")


@breaks(
    "point_rules",
    (
        "point_rule_steps", "billboard/1",
        "unknown event_key glowing of the kind review", "use any, positive, neutral, negative",
    ),
    (
        "point_rule_steps", "of_another_kind/1",
        "there is no group detractor of answers of the kind csat",
        "use any, or a group_id of this kind in survey_groups.csv",
    ),
)  # fmt: skip
def a_step_waits_for_an_event_that_does_not_exist(seeds: Seeds) -> None:
    """The key any does, and a feature may have any name."""
    seeds.steps("of_another_kind", "1", event_kind="csat", event_key="detractor")
    seeds.steps("of_its_kind", "1", event_kind="nps", event_key="detractor")
    seeds.steps("any_answer", "1", event_kind="csat", event_key="any")
    seeds.steps("billboard", "1", event_key="glowing")
    seeds.steps("any_review", "1", event_key="any")
    seeds.steps("any_feature", "1", event_kind="feature", event_key="no_such_feature")


# --- cells, keys, versions ----------------------------------------------------------------------


@breaks(
    "cells",
    (
        "segments", "(none)",
        "no segment takes the accounts that no other takes",
        "add a row with attribute any, operator is, value any, and the largest priority",
    ),
)  # fmt: skip
def no_segment_catches_all(seeds: Seeds) -> None:
    for row in seeds.find("segments", attribute="any"):
        seeds.rows["segments"].remove(row)


@breaks(
    "adoption",
    (
        "segments", "growers/plan/is/nobody/1900-01-01",
        "the scorecard expansion scores readiness to grow",
        "name a scorecard whose versions are live",
    ),
)  # fmt: skip
def a_segment_names_readiness_to_grow(seeds: Seeds) -> None:
    seeds.segment("growers", scorecard_id="expansion")


@breaks(
    "adoption",
    (
        "segments", "vip/plan/is/nobody/1900-01-01",
        "the scorecard tried_out has no live version",
        "name a scorecard whose versions are live",
    ),
)  # fmt: skip
def a_segment_names_what_is_shown_to_nobody(seeds: Seeds) -> None:
    seeds.card("tried_out", status="shadow")
    seeds.segment("vip", scorecard_id="tried_out")


@breaks(
    "adoption",
    (
        "scorecards", "growing/1 and 2",
        "two expansion versions begin on 1900-01-01",
        "give each its own valid_from, or make one a shadow",
    ),
)  # fmt: skip
def two_versions_of_readiness_to_grow_overlap(seeds: Seeds) -> None:
    for version in ("1", "2"):
        seeds.card("growing", scorecard_version=version, status="expansion")


@breaks(
    "adoption",
    ("adoption", "workspace/1900-01-01", "min_uses is 0", "write a whole number from 1"),
    ("adoption", "workspace/1900-01-01", "min_users is 0", "write a whole number from 1"),
    ("adoption", "workspace/1900-01-01", "steady_minutes is 0", "write a whole number from 1"),
    (
        "adoption", "any",
        "the row for products that have none of their own is missing",
        "add a row with product_id any",
    ),
)  # fmt: skip
def adoption_makes_no_sense(seeds: Seeds) -> None:
    changes = {"min_uses": "0", "min_users": "0", "steady_minutes": "0"}
    seeds.row("adoption", product_id="any").update(product_id="workspace", **changes)


@breaks("cells", ("lifecycle", "onboarding_days", "the setting is missing", "add the row, in days"))
def a_lifecycle_setting_is_missing(seeds: Seeds) -> None:
    seeds.remove("lifecycle", setting="onboarding_days")


@breaks("cells", ("drift_limits", "bins", "the setting is missing", "add the row, in bins"))
def a_drift_limit_is_missing(seeds: Seeds) -> None:
    """Two limits that are equal are in order."""
    seeds.remove("drift_limits", setting="bins")
    seeds.row("drift_limits", setting="shift_above")["value"] = "0.1"


@breaks(
    "cells",
    (
        "scorecards", "anonymous/1",
        "author is blank", "fill it; the word none stands for nothing",
    ),
    (
        "account_overrides", "o1",
        "valid_to is blank", DATE,
    ),
)  # fmt: skip
def a_cell_is_blank(seeds: Seeds) -> None:
    seeds.card("anonymous", author="")
    seeds.override("o1", valid_to="")


@breaks(
    "cells",
    (
        "measures", "(blank)",
        "measure_id is blank", NAME,
    ),
)  # fmt: skip
def a_key_is_blank(seeds: Seeds) -> None:
    seeds.copy("measures", {"measure_id": "events"}, measure_id="")


@breaks(
    "cells",
    ("sources", "chatty/1900-01-01", 'late_after_rows is "many"', NUMBER),
    ("scorecards", "halved/1", 'hold_days is "1.5"', WHOLE),
    ("scorecards", "backwards/1", 'hold_days is "-1"', WHOLE),
)
def a_cell_is_no_number(seeds: Seeds) -> None:
    seeds.copy("sources", {"source_id": "invoices"}, source_id="chatty", late_after_rows="many")
    seeds.card("halved", hold_days="1.5")
    seeds.card("backwards", hold_days="-1")


@breaks(
    "cells",
    *(
        ("account_overrides", name, f'{column} is "{value}"', DATE)
        for name, column, value in (
            ("o2", "valid_to", "2024-02-30"), ("o3", "valid_from", "soon")
        )
    ),
)  # fmt: skip
def a_cell_is_no_date(seeds: Seeds) -> None:
    seeds.override("o2", valid_to="2024-02-30")
    seeds.override("o3", valid_from="soon")


@breaks(
    "cells",
    (
        "signals", "known_to_all",
        'known_by is "everyone"', "write one of account, company",
    ),
    (
        "point_rule_steps", "advertised/1", 'event_kind is "billboard"',
        "write one of feature, ticket, meeting, call, email, webinar, social, training, goal,"
        " review, reference, referral, nps, csat, ces",
    ),
)  # fmt: skip
def a_cell_is_no_word_of_its_list(seeds: Seeds) -> None:
    seeds.steps("advertised", "1", event_kind="billboard")
    seeds.copy("signals", {"signal_id": "csat"}, signal_id="known_to_all", known_by="everyone")


@breaks(
    "words",
    ("ticket_severities", " high/1900-01-01", 'severity is " high"', BLANKS),
    ("ticket_severities", "High/1900-01-01", 'severity is "High"', "write it in small letters"),
    ("segments", "spaced/plan/is/business /1900-01-01", 'value is "business "', BLANKS),
    ("signals", "quoted", 'label is "the partner\'s"', "leave the apostrophe out"),
)  # fmt: skip
def a_cell_would_be_another_word(seeds: Seeds) -> None:
    seeds.copy("ticket_severities", {"severity": "high"}, severity=" high")
    seeds.copy("ticket_severities", {"severity": "high"}, severity="High")
    seeds.segment("spaced", value="business ")
    seeds.copy("signals", {"signal_id": "csat"}, signal_id="quoted", label="the partner's")


@breaks("cells", ("ticket_severities", "urgent/1900-01-01", "the row stands 2 times", "keep one"))
def a_key_stands_twice(seeds: Seeds) -> None:
    seeds.copy("ticket_severities", {"severity": "urgent"})


@breaks(
    "cells",
    ("scorecards", "generous/1", SHARES, "write numbers from 0 to 1"),
    ("scorecards", "strict/1", SHARES, "write numbers from 0 to 1"),
)
def a_share_lies_outside_0_to_1(seeds: Seeds) -> None:
    seeds.card("generous", min_coverage="-0.01")
    seeds.card("strict", min_dimension_coverage="1.01")


@breaks(
    "cells",
    (
        "scorecards", "overlapping/1 and 2",
        "two live versions begin on 2024-01-01",
        "give each its own valid_from, or make one a shadow",
    ),
)  # fmt: skip
def two_live_versions_overlap(seeds: Seeds) -> None:
    """A shadow or a score of something else that begins on the same day does not."""
    for version, status in (("1", "live"), ("2", "live"), ("3", "shadow"), ("4", "expansion")):
        changes = {"scorecard_version": version, "status": status}
        seeds.card("overlapping", valid_from="2024-01-01", **changes)


@breaks(
    "cells",
    *(
        (
            "scorecards", f"{card}/1",
            "the version extends itself, directly or through others",
            "let the chain of extends_scorecard_id end at none",
        )
        for card in ("circle_a", "circle_b")
    ),
)  # fmt: skip
def versions_extend_each_other_in_a_circle(seeds: Seeds) -> None:
    """One of them has dimensions, signals and bands, so that nothing else is wrong with either."""
    seeds.card("circle_a", extends_scorecard_id="circle_b")
    seeds.card("circle_b", extends_scorecard_id="circle_a")
    for seed in ("dimensions", "scorecard_signals", "bands"):
        for row in seeds.find(seed, **STANDARD):
            seeds.add(seed, **{**row, "scorecard_id": "circle_a"})


# --- drift --------------------------------------------------------------------------------------


@breaks(
    "drift",
    (
        "drift_limits", "reference_months",
        "there is nothing to compare with in so many months",
        "write a whole number from 1 to 1200",
    ),
    (
        "drift_limits", "bins",
        "points cannot be counted in so many bins", "write a whole number from 2 to 100",
    ),
    ("drift_limits", "question_above", "the value -0.1 is negative", "write 0 or more"),
    ("drift_limits", "shift_above", "the value -0.2 is negative", "write 0 or more"),
    (
        "drift_limits", "shift_above",
        "it lies below question_above", "write a number that is not below question_above",
    ),
)  # fmt: skip
def drift_limits_make_no_sense(seeds: Seeds) -> None:
    for setting, value in (
        ("reference_months", "0"), ("bins", "10.5"), ("question_above", "-0.1"), ("shift_above", "-0.2"),
    ):  # fmt: skip
        seeds.row("drift_limits", setting=setting)["value"] = value


@breaks(
    "drift",
    (
        "scorecards", "all/1",
        "the name all stands for all scorecards together", "choose another scorecard_id",
    ),
)  # fmt: skip
def a_scorecard_is_called_all(seeds: Seeds) -> None:
    seeds.card("all")


# --- one spelling, whatever an engine's own casts would take ---------------------------------------

SPELLINGS = {
    "number": ("late_after_rows", NUMBER, ("1e1", ".5", "+5", "5.", "05", "0.1234567")),
    "whole": ("late_after_days", WHOLE, ("1e1", "+5", "5.0", "05", "1234567890")),
}


@breaks(
    "spelling",
    *(
        ("sources", f"{kind}_{number}/1900-01-01", f'{column} is "{text}"', mend)
        for kind, (column, mend, texts) in SPELLINGS.items()
        for number, text in enumerate(texts)
    ),
)
def a_number_is_spelled_as_some_engines_allow(seeds: Seeds) -> None:
    for kind, (column, _, texts) in SPELLINGS.items():
        for number, text in enumerate(texts):
            cells = {"source_id": f"{kind}_{number}", column: text}
            seeds.copy("sources", {"source_id": "invoices"}, **cells)


@breaks("spelling", ("scorecards", "padded/01", 'scorecard_version is "01"', WHOLE))
def a_version_has_a_leading_zero(seeds: Seeds) -> None:
    seeds.card("padded", scorecard_version="01")


@breaks(
    "spelling",
    ("scorecards", "starts_today/1", 'valid_from is "today"', DATE),
    ("segments", "endless/plan/is/nobody/1900-01-01", 'valid_to is "infinity"', DATE),
    ("segments", "short/plan/is/nobody/1900-01-01", 'valid_to is "2024-1-31"', DATE),
)
def a_date_is_spelled_as_some_engines_allow(seeds: Seeds) -> None:
    seeds.card("starts_today", valid_from="today")
    seeds.segment("endless", valid_to="infinity")
    seeds.segment("short", valid_to="2024-1-31")


@breaks("spelling", *(("curves", f"none/{x}", 'curve_id is "none"', NAME) for x in ("0", "1")))
def a_curve_is_called_none(seeds: Seeds) -> None:
    for x in ("0", "1"):
        seeds.add("curves", curve_id="none", x=x, points="50")


@breaks(
    "spelling",
    ("churn_model_terms", "m1/score", 'coefficient is "-5e-2"', COEFFICIENT),
    ("churn_model_covariances", "m1/score/score", 'covariance is "small"', COEFFICIENT),
)
def a_coefficient_is_no_number(seeds: Seeds) -> None:
    seeds.model("m1")
    seeds.row("churn_model_terms", model_id="m1", term="score")["coefficient"] = "-5e-2"
    row = seeds.row("churn_model_covariances", model_id="m1", term="score", other_term="score")
    row["covariance"] = "small"


# --- settings, horizons, and what the groups above have no room for -------------------------------


@breaks(
    "settings",
    (
        "release_limits", "revenue_changing_band_percent",
        "the setting is missing", "add the row, in percent",
    ),
    (
        "release_limits", "revenue_changing_bands",
        "nothing reads this setting",
        "take the row out, or spell it as docs/scoring.md and docs/what_if.md do",
    ),
)  # fmt: skip
def a_limit_is_misspelt(seeds: Seeds) -> None:
    row = seeds.row("release_limits", limit_id="revenue_changing_band_percent")
    row["limit_id"] = "revenue_changing_bands"


@breaks(
    "settings",
    (
        "release_limits", "owner_weeks_above_percent",
        "the value 100.01 is above 100 percent", "write a number from 0 to 100",
    ),
    (
        "release_limits", "worst_entries_per_owner_week",
        "the value -1 is negative", "write 0 or more",
    ),
)  # fmt: skip
def a_limit_is_out_of_range(seeds: Seeds) -> None:
    """Exactly 100 percent is not."""
    seeds.row("release_limits", limit_id="owner_weeks_above_percent")["value"] = "100.01"
    seeds.row("release_limits", limit_id="worst_entries_per_owner_week")["value"] = "-1"


@breaks(
    "settings",
    (
        "lifecycle", "onboarding_days/1900-01-01",
        "it is read in days and not in weeks", "write the value in days",
    ),
)  # fmt: skip
def a_setting_has_another_unit(seeds: Seeds) -> None:
    seeds.row("lifecycle", setting="onboarding_days")["unit"] = "weeks"


@breaks("settings", ("outcome_horizons", "now", "a window of 0 days", "write 1 or more days"))
def a_horizon_has_0_days(seeds: Seeds) -> None:
    """A gap of no days is one."""
    changes = {"horizon_days": "0", "gap_days": "0"}
    seeds.copy("outcome_horizons", {"horizon_id": "quarter"}, horizon_id="now", **changes)


@breaks(
    "settings",
    *(
        (
            seed, "certain",
            "interval_z is not above 0", "write standard deviations either side of the interval",
        )
        for seed in ("outcome_horizons", "churn_models")
    ),
)  # fmt: skip
def an_interval_has_no_width(seeds: Seeds) -> None:
    seeds.copy("outcome_horizons", {"horizon_id": "quarter"}, horizon_id="certain", interval_z="0")
    seeds.model("certain", interval_z="-1.96")


@breaks(
    "settings",
    (
        "scorecards", "easy/1",
        "min_dimensions is 0, so that an account without data would get a score",
        "write 1 or more",
    ),
    *(
        ("scorecards", f"{card}/1", "the margin lies outside 0 to 100", "write points from 0 to 100")
        for card in ("jumpy", "stiff")
    ),
)  # fmt: skip
def a_version_has_limits_that_limit_nothing(seeds: Seeds) -> None:
    seeds.card("easy", min_dimensions="0")
    seeds.card("jumpy", margin="-0.5")
    seeds.card("stiff", margin="100000")


@breaks(
    "settings",
    (
        "account_overrides", "o1",
        "value is blank", "fill it; the word none stands for nothing",
    ),
)  # fmt: skip
def an_override_has_no_value(seeds: Seeds) -> None:
    seeds.override("o1", value="")


@breaks(
    "settings",
    (
        "account_overrides", "o10",
        "the signal csat has no scale", "set weight or curve_id, or take the row out",
    ),
)  # fmt: skip
def an_override_scales_a_signal_without_a_scale(seeds: Seeds) -> None:
    """Its weight may be another."""
    seeds.override("o10", signal_id="csat")
    seeds.override("o11", signal_id="csat", field="weight")


@breaks(
    "settings",
    (
        "segments", "s10/plan/is/nobody/2024-01-02",
        "valid_to lies before valid_from", "write the last day on which it holds",
    ),
)  # fmt: skip
def a_segment_ends_before_it_begins(seeds: Seeds) -> None:
    """One that ends on its first day holds on that day."""
    seeds.segment("s10", valid_from="2024-01-02", valid_to="2024-01-01")
    seeds.segment("s11", valid_from="2024-01-02", valid_to="2024-01-02")


# --- churn models -------------------------------------------------------------------------------


@breaks(
    "churn models",
    (
        "churn_models", "far",
        "unknown horizon_id decade", "use a horizon_id of outcome_horizons.csv",
    ),
)  # fmt: skip
def a_churn_model_has_an_unknown_horizon(seeds: Seeds) -> None:
    seeds.model("far", horizon_id="decade")


@breaks(
    "churn models",
    (
        "churn_models", "level",
        "the model has no intercept", "add the term intercept to churn_model_terms.csv",
    ),
    (
        "churn_models", "void",
        "the model has no intercept", "add the term intercept to churn_model_terms.csv",
    ),
)  # fmt: skip
def a_churn_model_has_no_intercept(seeds: Seeds) -> None:
    seeds.model("level", ("score",))
    seeds.model("void", ())


@breaks(
    "churn models",
    (
        "churn_model_terms", "strange/weather",
        "no scorecard has a dimension weather",
        "write intercept, score, or a dimension_id of dimensions.csv",
    ),
)  # fmt: skip
def a_term_is_no_dimension(seeds: Seeds) -> None:
    """That of a dimension is one."""
    seeds.model("strange", ("intercept", "usage", "weather"))


@breaks(
    "churn models",
    *(
        (
            "churn_model_terms", key,
            f"reference_value is {value}",
            "write the mean of the term, 0 to 100, and 1 for the intercept",
        )
        for key, value in (
            ("low/score", "-0.1"), ("high/usage", "100.1"), ("slanted/intercept", "0.9"),
        )
    ),
)  # fmt: skip
def a_reference_value_is_no_mean(seeds: Seeds) -> None:
    """0 and 100 can be one."""
    for name, term, value in (
        ("low", "score", "-0.1"), ("high", "usage", "100.1"), ("slanted", "intercept", "0.9"),
        ("lowest", "score", "0"), ("highest", "usage", "100"),
    ):  # fmt: skip
        seeds.model(name, tuple(dict.fromkeys(("intercept", term))))
        seeds.row("churn_model_terms", model_id=name, term=term)["reference_value"] = value


@breaks(
    "churn models",
    *(
        (
            seed, key,
            "unknown model_id no_such_model", "use a model_id of churn_models.csv",
        )
        for seed, key in (
            ("churn_model_terms", "no_such_model/intercept"),
            ("churn_model_covariances", "no_such_model/intercept/intercept"),
        )
    ),
)  # fmt: skip
def terms_belong_to_an_unknown_model(seeds: Seeds) -> None:
    seeds.model("no_such_model", ("intercept",))
    seeds.remove("churn_models", model_id="no_such_model")


@breaks(
    "churn models",
    (
        "churn_models", "early and late",
        "two models begin on 2024-03-01", "give each its own valid_from",
    ),
)  # fmt: skip
def two_churn_models_begin_together(seeds: Seeds) -> None:
    """Also where their horizons differ: a model holds until the next one, whatever its horizon."""
    seeds.model("early", valid_from="2024-03-01")
    seeds.model("late", valid_from="2024-03-01", horizon_id="half_year")


@breaks(
    "churn models",
    (
        "churn_model_covariances", "holed/score/intercept",
        "the row is missing", "add it: every ordered pair of terms of a model has one",
    ),
    (
        "churn_model_covariances", "holed/usage/score",
        "the model has no term usage",
        "take the row out, or add the term to churn_model_terms.csv",
    ),
)  # fmt: skip
def covariances_and_terms_do_not_fit(seeds: Seeds) -> None:
    seeds.model("holed")
    key = {"model_id": "holed", "term": "score", "other_term": "intercept"}
    seeds.remove("churn_model_covariances", **key)
    seeds.add("churn_model_covariances", **{**key, "term": "usage", "other_term": "score", "covariance": "0"})


@breaks(
    "churn models",
    (
        "churn_model_covariances", "crooked/intercept/score",
        "it differs from the row crooked/score/intercept", "write the same number in both",
    ),
)  # fmt: skip
def a_covariance_is_not_symmetric(seeds: Seeds) -> None:
    seeds.model("crooked")
    row = seeds.row("churn_model_covariances", model_id="crooked", term="intercept", other_term="score")
    row["covariance"] = "0.000000000000002"


@breaks(
    "churn models",
    (
        "churn_model_covariances", "below/score/score",
        "the variance is negative", "write 0 or more where a term meets itself",
    ),
)  # fmt: skip
def a_variance_is_negative(seeds: Seeds) -> None:
    """A covariance may be."""
    seeds.model("below")
    for row in seeds.find("churn_model_covariances", model_id="below"):
        if row["term"] != "intercept" or row["other_term"] != "intercept":
            row["covariance"] = "-0.1"


# --- released versions --------------------------------------------------------------------------


# --- judgement, caps and tasks ------------------------------------------------------------------


@breaks(
    "judgement",
    (
        "scorecard_signals", "mixed/1/support",
        "the dimension mixes signals of the family judgement with measured ones",
        "give judgement a dimension of its own",
    ),
)  # fmt: skip
def a_dimension_mixes_judgement_with_measures(seeds: Seeds) -> None:
    """In another dimension of weight 0 it would disturb nobody."""
    seeds.card("mixed")
    weight = int(seeds.row("scorecard_signals", **STANDARD, signal_id="csat")["weight"])
    seeds.signal("mixed", "csat", weight=str(weight - 5))
    seeds.signal("mixed", "csat", signal_id="pulse", curve_id="pulse", weight="5")


@breaks("judgement", ("pulse_levels", "yellow", "the pulse has no level", "add the row"))
def a_pulse_has_no_level(seeds: Seeds) -> None:
    seeds.remove("pulse_levels", value="yellow")


TOO_FAR = ("max_score lies outside 0 to 100", "write a score from 0, or 100 to take an inherited cap out")


@breaks(
    "judgement",
    ("risk_caps", "capped/1/below_0", *TOO_FAR),
    ("risk_caps", "capped/1/above_100", *TOO_FAR),
    (
        "risk_caps", "capped/1/of_a_product",
        "the signal key_feature_adoption has a value per product",
        "use a signal of the grain account",
    ),
    (
        "risk_caps", "capped/1/of_nothing",
        "unknown signal_id nothing", "use a signal_id of signals.csv",
    ),
    (
        "risk_caps", "capped/1/over",
        'operator is "over"', "write one of at_least, at_most, above, below",
    ),
    (
        "risk_caps", "capped/1/of_no_band",
        "the version has no band orange at whose top to hold the score",
        "name a band of the version in max_band, or none; write the row for this version where it is inherited",
    ),
    (
        "risk_caps", "capped/9/of_no_version",
        "there is no version 9 of a scorecard capped",
        "name a version of scorecards.csv or add it there",
    ),
)  # fmt: skip
def a_risk_cap_cannot_be_meant(seeds: Seeds) -> None:
    """At 0 and at 100 it can."""
    seeds.card("capped")
    seeds.cap("at_0", max_score="0")
    seeds.cap("at_100", max_score="100")
    seeds.cap("below_0", max_score="-1")
    seeds.cap("above_100", max_score="100.5")
    seeds.cap("of_a_product", signal_id="key_feature_adoption")
    seeds.cap("of_nothing", signal_id="nothing")
    seeds.cap("over", operator="over")
    seeds.cap("of_no_band", max_band="orange")
    seeds.cap("of_a_band", max_score="100", max_band="at_risk")
    seeds.cap("of_no_version", scorecard_version="9")


@breaks(
    "judgement",
    (
        "tasks", "two_signals", "the rows of one task differ in signal or words",
        "give them the same, or another task_id",
    ),
    (
        "tasks", "two_texts", "the rows of one task differ in signal or words",
        "give them the same, or another task_id",
    ),
    ("tasks", "nothing/stale", "unknown signal_id nothing", "use a signal_id of signals.csv"),
    (
        "tasks", "csat/bored", 'state_reason is "bored"',
        "write one of not_entitled, source_off, too_young, calendar, source_empty, source_late,"
        " source_not_covering, not_known, stale, nothing_to_measure, no_scale, observed",
    ),
    ("tasks", "csat/observed", 'operator is "none"', "write one: the signal is observed"),
    ("tasks", "ticket_rate/calendar", 'operator is "above"', "write none: the signal has no value"),
)  # fmt: skip
def a_task_cannot_be_meant(seeds: Seeds) -> None:
    """Two reasons may ask for the same."""
    for signal, reason, task, text, *operator in (
        ("csat", "not_known", "one", "ask"),
        ("csat", "nothing_to_measure", "one", "ask"),
        ("csat", "stale", "two_signals", "ask"),
        ("ticket_rate", "stale", "two_signals", "ask"),
        ("csat", "no_scale", "two_texts", "ask"),
        ("csat", "calendar", "two_texts", "ask again"),
        ("nothing", "stale", "three", "ask"),
        ("csat", "bored", "four", "ask"),
        ("csat", "observed", "five", "ask"),
        ("ticket_rate", "calendar", "six", "ask", "above"),
        ("ticket_rate", "observed", "seven", "ask", "above"),
    ):
        condition = {"operator": operator[0] if operator else "none", "value": "0"}
        seeds.add(
            "tasks", signal_id=signal, state_reason=reason, **condition, task_id=task, task=text
        )


def released(seed: str, row_key: str, what: str, first: str = "put it back") -> tuple[str, ...]:
    problem = f"version 1 of standard is released and this row {what}"
    return seed, row_key, problem, f"{first} and write the change as a new version"


@breaks(
    "released",
    released("curves", "csat/3", "was changed from {curves csat/3} to 9.75"),
    released(
        "scorecards", "standard/1",
        "was changed from {scorecards standard/1} to {all but the last cell}9.75",
    ),
)  # fmt: skip
def a_released_row_is_edited(seeds: Seeds) -> None:
    """Its author and note may change, and so may a version that is not released."""
    seeds.row("curves", curve_id="csat", x="3")["points"] = "9.75"
    seeds.row("scorecards", **STANDARD)["margin"] = "9.75"
    seeds.row("scorecards", **STANDARD)["note"] = "said better"
    seeds.row("scorecards", scorecard_id="education", scorecard_version="1")["margin"] = "9.75"


@breaks(
    "released",
    released(
        "signals", "csat", "was changed from {signals csat} to {all but the last cell}999"
    ),
)
def the_registry_row_of_a_released_signal_is_edited(seeds: Seeds) -> None:
    seeds.row("signals", signal_id="csat")["rest_days_to_suppress"] = "999"


@breaks("released", released("curves", "csat/4", "({curves csat/4}) is gone"))
def a_released_row_is_removed(seeds: Seeds) -> None:
    seeds.remove("curves", curve_id="csat", x="4")


@breaks(
    "released",
    released("curves", "csat/4.5", "was added to it", "take it out"),
    released("dimensions", "standard/1/later", "was added to it", "take it out"),
    released("risk_caps", "standard/1/later", "was added to it", "take it out"),
    released("signals", "pulse", "was added to it", "take it out"),
)
def a_row_is_added_to_a_released_version(seeds: Seeds) -> None:
    seeds.add("curves", curve_id="csat", x="4.5", points="80")
    seeds.add("dimensions", **STANDARD, dimension_id="later", weight="0")
    seeds.cap("later", **STANDARD, signal_id="pulse")


@breaks(
    "released",
    released("point_rules", "standard/1/negative_review", "was added to it", "take it out"),
    released("point_rule_steps", "negative_review/1", "was added to it", "take it out"),
)
def a_point_rule_is_added_to_a_released_version(seeds: Seeds) -> None:
    """Its steps belong to it."""
    seeds.point_rule("standard")


@breaks(
    "released",
    released("point_rules", "standard/1/asks", "was changed from -5/1/90/0/5 to -5/1/91/0/5"),
    released("point_rule_steps", "asks/1", "was changed from ticket/question/1 to ticket/any/1"),
    released("point_rule_steps", "asks/2", "(ticket/defect/1) is gone"),
)
def a_released_point_rule_is_edited(seeds: Seeds) -> None:
    """Its label may change."""
    for seed, row_key, content in (
        # With the mark of what a spreadsheet would run.
        ("point_rules", "standard/1/asks", "'-5/1/90/0/5"),
        ("point_rule_steps", "asks/1", "ticket/question/1"),
        ("point_rule_steps", "asks/2", "ticket/defect/1"),
    ):
        release = {**STANDARD, "seed": seed, "row_key": row_key, "content": content}
        seeds.rows["scorecard_releases"].append(release)
    seeds.point_rule("standard", "asks", expires_after_days="91", label="said better")
    seeds.steps("asks", "1", event_kind="ticket", event_key="any")


# --- rows that hold from a day on ----------------------------------------------------------------


@breaks(
    "dated",
    *(
        (
            seed, f"{name}/2024-01-01",
            "no row holds before this one",
            f"write 1900-01-01 as the valid_from of the first row of {name}",
        )
        for seed, name in (
            ("lifecycle", "seat_average_days"), ("adoption", "any"), ("pulse_levels", "red"),
            ("sources", "payments"),
        )
    ),
)  # fmt: skip
def nothing_holds_in_the_beginning(seeds: Seeds) -> None:
    """Of a severity, a milestone or a product's own limits nothing has to, nor of a second row."""
    seeds.row("lifecycle", setting="seat_average_days")["valid_from"] = "2024-01-01"
    seeds.row("adoption", product_id="any")["valid_from"] = "2024-01-01"
    seeds.row("pulse_levels", value="red")["valid_from"] = "2024-01-01"
    seeds.row("sources", source_id="payments")["valid_from"] = "2024-01-01"
    seeds.copy("lifecycle", {"setting": "seat_average_days"}, valid_from="2024-03-01")
    seeds.copy("lifecycle", {"setting": "onboarding_days"}, valid_from="2024-03-01")
    seeds.copy("adoption", {"product_id": "any"}, product_id="workspace", valid_from="2024-03-01")
    seeds.row("ticket_severities", severity="high")["valid_from"] = "2024-01-01"
    seeds.row("milestones", milestone_id="first_use")["valid_from"] = "2024-01-01"


RECORDED = (
    "put it back and add a row with a later valid_from; where no score was shown to anybody yet, record it"
    " anew with scripts/release_scorecard.py --settings --anew"
)


@breaks(
    "released",
    (
        "milestones", "key_features/1900-01-01",
        "the row is released and was changed from any/all/none/none/key_feature_adoption/at_least/0.5/61"
        " to any/all/none/none/key_feature_adoption/at_least/0.5/60", RECORDED,
    ),
    (
        "ticket_severities", "unheard/1900-01-01",
        "the row (true) is released and gone", RECORDED,
    ),
    *(
        (
            "pulse_levels", f"red/{day}",
            "it begins on or before 2024-01-01, from which on a released row of red holds",
            "give it a later valid_from",
        )
        for day in ("1900-01-01", "2023-01-01")
    ),
    (
        "survey_groups", "nps/1900-01-01/8",
        "it begins on or before 1900-01-01, from which on a released row of nps holds",
        "give it a later valid_from",
    ),
)  # fmt: skip
def a_released_row_that_holds_from_a_day_on_is_edited(seeds: Seeds) -> None:
    """Words may change, and rows that are not recorded; and what is recorded may be followed."""
    for seed, row_key, content in (
        ("milestones", "key_features/1900-01-01", "any/all/none/none/key_feature_adoption/at_least/0.5/61"),
        ("milestones", "lasting_use/1900-01-01", "any/all/none/none/active_days/at_least/12/90"),
        ("ticket_severities", "unheard/1900-01-01", "true"),
        ("pulse_levels", "red/2024-01-01", "1"),
        ("survey_groups", "nps/1900-01-01/0", "detractor/-1"),
        ("survey_groups", "nps/1900-01-01/7", "passive/0"),
        ("survey_groups", "nps/1900-01-01/9", "promoter/1"),
    ):
        recorded = {"scorecard_id": "all", "scorecard_version": "0", "seed": seed}
        seeds.rows["scorecard_releases"].append({**recorded, "row_key": row_key, "content": content})
    seeds.row("milestones", milestone_id="lasting_use")["label"] = "said better"
    seeds.copy("milestones", {"milestone_id": "lasting_use"}, valid_from="2024-03-01", due_days="91")
    seeds.row("ticket_severities", severity="low")["is_severe"] = "true"
    for day, level in (("2023-01-01", "3"), ("2024-01-01", "1"), ("2025-01-01", "2")):
        seeds.copy("pulse_levels", {"value": "red", "valid_from": "1900-01-01"}, valid_from=day, level=level)
    seeds.copy("survey_groups", {"group_id": "passive"}, lowest_score="8", group_id="warm")


# --- running ------------------------------------------------------------------------------------
#
# Every break is tried through the command line, which renders the models of the checks over the CSV
# files. That a build renders them alike, on both engines, is seen in the views that one build leaves:
# the broken seeds are put into their tables, and the views are read again.

GROUPS = sorted({broken.group for broken in BREAKS})

Messages = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def standard() -> list[tuple[str, str, str]]:
    """What a release of version 1 of the standard scorecard would record."""
    with Definition() as definition:
        return [
            (row["seed"], row["row_key"], row["content"])
            for row in definition.rows("base_scorecard__definitions")
            if STANDARD.items() <= row.items()
        ]


@pytest.fixture(scope="module")
def expected(standard: list[tuple[str, str, str]]) -> Messages:
    """A function from a group to its messages, with what a release recorded put in for {seed row}."""

    def of(group: str) -> list[str]:
        texts = []
        for text in (text for one in BREAKS if one.group == group for text in one.messages):
            for seed, row_key, content in standard:
                name = f"{{{seed} {row_key}}}"
                if name in text:
                    text = text.replace(name, content)
                    text = text.replace("{all but the last cell}", content.rpartition("/")[0] + "/")
            texts.append(text)
        return sorted(texts)

    return of


def released_seeds(standard: list[tuple[str, str, str]]) -> Seeds:
    """The shipped seeds, with version 1 of the standard scorecard released."""
    seeds = Seeds(PROJECT / "seeds")
    seeds.rows["scorecard_releases"] = [
        {**STANDARD, "seed": seed, "row_key": row_key, "content": content}
        for seed, row_key, content in standard
    ]
    return seeds


@pytest.fixture(scope="module")
def broken(standard: list[tuple[str, str, str]]) -> Callable[[str], Seeds]:
    """A function from a group to the seeds with all its breaks."""

    def seeds_of(group: str) -> Seeds:
        seeds = released_seeds(standard)
        for one in BREAKS:
            if one.group == group:
                one.change(seeds)
        return seeds

    return seeds_of


def linked_project(folder: Path) -> Path:
    """The project's models and macros, with a copy of its seeds."""
    for part in ("models", "macros"):
        (folder / part).symlink_to(PROJECT / part)
    shutil.copytree(PROJECT / "seeds", folder / "seeds")
    return folder


@pytest.mark.quick
@pytest.mark.parametrize("group", GROUPS)
def test_a_break_is_named_with_seed_row_and_mend(
    group: str,
    broken: Callable[[str], Seeds],
    expected: Messages,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And nothing else is said to be wrong."""
    project = linked_project(tmp_path)
    broken(group).save(project / "seeds")
    assert scorecard.main(["check"], project) == 1
    first, *said = capsys.readouterr().out.splitlines()
    assert sorted(line.strip() for line in said) == expected(group)
    assert first.startswith(f"{len(said)} error(s) in the scorecard")


@pytest.mark.quick
def test_a_released_version_that_stays_as_it_was_passes(
    standard: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    assert len(standard) > 50
    project = linked_project(tmp_path)
    released_seeds(standard).save(project / "seeds")
    assert scorecard.main(["check"], project) == 0


class Warehouse:
    """A warehouse of the shipped seeds, with the checks as views over them."""

    def __init__(self, folder: Path, postgres: Mapping[str, str] | None = None) -> None:
        """On DuckDB, or in the database of PostgreSQL that the settings name."""
        self.postgres = postgres or {}
        self.raw = generate_world(folder / "raw", seed=1, weeks=26)
        if postgres:
            load = PROJECT / "scripts" / "load_raw.py"
            command = [sys.executable, str(load), "--from", str(self.raw)]
            subprocess.run(command, env={**os.environ, **postgres}, check=True, capture_output=True)
        self.target = folder / "target"
        self.folder = folder / "seeds"
        shutil.copytree(PROJECT / "seeds", self.folder)
        self.run(CHECKED, fails=False)

    def run(
        self, command: tuple[str, ...], *, fails: bool, seeds_are_in: str = "seeds"
    ) -> dbtRunnerResult:
        return run_dbt(
            command, raw=self.raw, target_path=self.target, seeds=self.folder, fails=fails,
            target="postgres" if self.postgres else "duckdb",
            env={**self.postgres, "HEALTH_SEEDS": seeds_are_in},
        )  # fmt: skip

    def messages(self, seeds: Seeds) -> list[str]:
        """What the views of the checks say of other seeds, which are then taken back."""
        seeds.save(self.folder)
        files = sorted((self.folder / "scorecard").glob("*.csv"))
        with self._transaction() as run:
            for file in files:
                run(f"delete from scorecard.{file.stem}")
                self._copy(run, file)
            rows = run(
                " union all ".join(
                    f"select seed, row_key, problem, mend from staging.{check.stem}" for check in CHECKS
                )
            )
        return sorted(message(*row) for row in rows)

    @contextmanager
    def _transaction(self) -> Iterator[Callable[[str], list[tuple]]]:
        if self.postgres:
            with connect(self.postgres) as cursor:
                self._cursor = cursor
                cursor.execute("begin")

                def run(sql: str) -> list[tuple]:
                    cursor.execute(sql)
                    return cursor.fetchall() if cursor.description else []

                yield run
                cursor.execute("rollback")
        else:
            with duckdb.connect(str(self.target / "warehouse.duckdb")) as connection:
                connection.execute("begin")
                yield lambda sql: connection.execute(sql).fetchall()
                connection.execute("rollback")

    def _copy(self, run: Callable[[str], list[tuple]], file: Path) -> None:
        if not self.postgres:
            run(f"copy scorecard.{file.stem} from '{file}' (format csv, header true, delimiter ',')")
            return
        with file.open(encoding="utf-8") as lines:
            columns = next(csv.reader([lines.readline()]))
            self._cursor.copy_expert(
                f"copy scorecard.{file.stem} ({', '.join(columns)}) from stdin (format csv)", lines
            )


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("scorecard_errors"))


@pytest.fixture(scope="module")
def on_postgres(
    postgres: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    folder = tmp_path_factory.mktemp("scorecard_errors_on_postgres")
    return Warehouse(folder, new_database(postgres, "scorecard_errors"))


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("engine", ["on_duckdb", "on_postgres"])
def test_a_build_says_the_same(
    engine: str,
    group: str,
    broken: Callable[[str], Seeds],
    expected: Messages,
    request: pytest.FixtureRequest,
) -> None:
    assert request.getfixturevalue(engine).messages(broken(group)) == expected(group)


@pytest.mark.parametrize("engine", ["on_duckdb", "on_postgres"])
def test_a_build_stops_with_the_messages(
    engine: str,
    broken: Callable[[str], Seeds],
    expected: Messages,
    request: pytest.FixtureRequest,
) -> None:
    """Cells that are blank or spelt wrong, through dbt's own loading of the seeds."""
    warehouse = request.getfixturevalue(engine)
    broken("cells").save(warehouse.folder)
    assert sorted(error_lines(warehouse.run(CHECKED_AGAIN, fails=True))) == expected("cells")


def error_lines(result: dbtRunnerResult) -> list[str]:
    """The messages about the seeds; the node that gathers them is the only one that may fail."""
    failed = [node.node.name for node in result.result.results if node.status == "error"]
    assert failed == ["stg_scorecard__errors"], failure_text(result)
    lines = [line.strip() for line in failure_text(result).splitlines()]
    return [line for line in lines if ".csv, row " in line]


@pytest.mark.quick
@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.stem.partition("__")[2])
def test_every_problem_that_a_check_tells_has_a_break(check: Path) -> None:
    told = [text for broken in BREAKS for text in broken.messages]
    selects = re.findall(r"row_key,\n(.*?) as problem,", check.read_text(encoding="utf-8"), re.S)
    texts = [
        part
        for select in selects
        for literal in re.findall(r"'([^']*)'", re.sub(r"{{.*?}}", "{{}}", select))
        for part in re.split(r"{{.*?}}", literal)
        if re.search("[a-z]{2}", part)
    ]
    assert texts
    untold = [text for text in texts if not any(text in message for message in told)]
    assert not untold, f"no break of this file makes {check.name} say: {untold}"


def test_nothing_is_scored_and_only_the_first_20_errors_are_told(
    on_duckdb: Warehouse, standard: list[tuple[str, str, str]]
) -> None:
    """A full build with 21 errors: what needs a scorecard is skipped, down to the marts.

    The messages name the folder that HEALTH_SEEDS names.
    """
    seeds = released_seeds(standard)
    for number in range(21):
        seeds.card(f"anonymous_{number}", author="")
    seeds.save(on_duckdb.folder)
    (on_duckdb.target / "project" / "ours").symlink_to(on_duckdb.folder)
    result = on_duckdb.run(("build", *NO_TESTS), fails=True, seeds_are_in="ours")
    lines = error_lines(result)
    assert len(lines) == 20
    assert all(line.startswith("ours/scorecard/scorecards.csv, row anonymous_") for line in lines)
    text = failure_text(result)
    assert "21 error(s) in the scorecard, nothing was scored" in text
    assert "... and 1 more in " in text

    status = {node.node.name: node.status for node in result.result.results}
    scored = [
        name for name in status
        if (name.startswith(("int_scoring__", "int_signals__", "account_health", "health_"))
        and not name.endswith("_measures"))  # facts, some of which no definition stands behind
        or (name.startswith("stg_scorecard__") and name != "stg_scorecard__errors")
    ]  # fmt: skip
    assert len(scored) > 20
    assert {status[name] for name in scored} == {"skipped"}
    assert status["stg_crm__accounts"] == "success"
