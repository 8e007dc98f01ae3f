"""What the generator planted as dirt is what staging finds, table by table and kind by kind."""

import json
from collections.abc import Callable

import duckdb
import pytest

from support.worlds import World

# Dirt whose fate the contract leaves open: these kinds are kept, every other one of them is rejected.
KEPT = {
    ("accounts", "unknown_parent"),
    ("invoices", "end_before_start"),
    ("support_tickets", "end_before_start"),
    ("users", "end_before_start"),
}
REFUSED = {("pulses", "disagreement")}
REASONS = {
    "null_key": "rejected_missing_key",
    "null_date": "rejected_missing_date",
    "future_date": "rejected_future_date",
    "unknown_product": "rejected_unknown_product",
}


@pytest.fixture(scope="module")
def found(worlds: Callable[[str], World]) -> dict[str, dict[str, int]]:
    """The last day of source_health: counts by raw table."""
    query = """
        select * from marts.source_health
        where as_of_date = (select max(as_of_date) from marts.source_health)
    """
    with duckdb.connect(str(worlds("daily").database), read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        return {row[0]: dict(zip(names, row)) for row in result.fetchall()}


@pytest.fixture(scope="module")
def planted(worlds: Callable[[str], World]) -> dict[str, dict[str, dict]]:
    return json.loads((worlds("daily").raw / "manifest.json").read_text())["dirt"]


def test_duplicates_conflicts_and_rejects_are_the_planted_ones(found: dict, planted: dict) -> None:
    for table, kinds in planted.items():
        duplicates = sum(kind["rows"] for kind in kinds.values() if kind["expected"] == "duplicate")
        rejects = sum(
            kind["rows"]
            for name, kind in kinds.items()
            if kind["expected"] == "reject"
            or (kind["expected"] == "judge" and (table, name) not in KEPT)
        )
        conflicts = sum(
            # Where a figure must be known, the clean row is in conflict with the dirty one as well.
            kind["rows"] * (2 if (table, name) in REFUSED else 1)
            for name, kind in kinds.items()
            if kind["expected"] == "conflict"
        )
        assert (table, found[table]["rows_duplicate"]) == (table, duplicates)
        assert (table, found[table]["rows_conflict"]) == (table, conflicts)
        assert (table, found[table]["rows_rejected"]) == (table, rejects)


def test_reasons_are_the_planted_ones(found: dict, planted: dict) -> None:
    # A date that is part of a table's key is missing as a key.
    dated_by_key = {"accounts", "subscriptions", "exchange_rates", "success_goals", "calendar_days"}
    for table, kinds in planted.items():
        for name, column in REASONS.items():
            if (name == "null_date" and table in dated_by_key) or name == "null_key":
                continue
            rows = kinds[name]["rows"] if name in kinds and kinds[name]["expected"] == "reject" else 0
            assert (table, name, found[table][column]) == (table, name, rows)


def test_rows_before_the_first_subscription_are_kept_and_counted(found: dict, planted: dict) -> None:
    early = planted["usage_events"]["before_first_subscription"]["rows"]
    assert found["usage_events"]["rows_outside_subscription"] >= early > 0
