"""A company stays what it is when an account gets a new number, or when a parent pays for its customers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from reference.scorer import score
from support.arrivals import differing_marts
from support.dbt import run_dbt
from support.worlds import MODELS_ONLY, World
from test_reference import differences

# The day of each row; users have none.
DATES = {
    "usage_events": "occurred_at", "support_tickets": "opened_at", "touchpoints": "occurred_at",
    "survey_responses": "coalesce(responded_at, sent_at)", "invoices": "issued_on", "pulses": "set_at",
    "success_goals": "status_changed_at", "advocacy_events": "occurred_at", "trainings": "completed_at",
    "churn_events": "notice_given_on", "entitlements": "starts_on", "subscriptions": "starts_on",
    "users": "date '1900-01-01'",
}  # fmt: skip
RENUMBERED, MERGED_ON, PAYER = "acc_000012", "2026-04-20", "acc_000016"
# What counts raw rows, or names what is untidy in them.
ABOUT_ROWS = {"source_health", "data_findings"}


def with_other_numbers(raw: Path, out: Path) -> Path:
    """The company as if one account had had another number, and another paid for a customer of its own."""
    out.mkdir()
    for file in raw.glob("*.parquet"):
        with duckdb.connect() as connection:
            connection.execute(f"create table rows as from '{file}'")
            if file.stem == "subscriptions":
                _hand_over(connection)
            if file.stem == "accounts":
                _name(connection)
            if file.stem in DATES:
                connection.execute(
                    f"update rows set account_id = 'before' where account_id = '{RENUMBERED}'"
                    f" and cast({DATES[file.stem]} as date) < '{MERGED_ON}'"
                )
                if file.stem != "subscriptions":
                    connection.execute(
                        f"update rows set account_id = 'customer' where account_id = '{PAYER}'"
                    )
            connection.execute(f"copy rows to '{out / file.name}' (format parquet)")
    return out


def _hand_over(connection: duckdb.DuckDBPyConnection) -> None:
    """What runs on the day of the merger goes on under another id."""
    running = (
        f"account_id = '{RENUMBERED}' and starts_on < '{MERGED_ON}'"
        f" and coalesce(ends_on, '9999-01-01') >= '{MERGED_ON}'"
    )
    connection.execute(
        "insert into rows select * replace"
        f" (subscription_id || ' anew' as subscription_id, date '{MERGED_ON}' as starts_on)"
        f" from rows where {running}"
    )
    connection.execute(f"update rows set ends_on = date '{MERGED_ON}' - 1 where {running}")


def _name(connection: duckdb.DuckDBPyConnection) -> None:
    for account, columns in [
        (RENUMBERED, f"'before' as account_id, '{RENUMBERED}' as merged_into_account_id,"
                     f" date '{MERGED_ON}' as merged_on"),
        (PAYER, f"'customer' as account_id, '{PAYER}' as parent_account_id"),
    ]:  # fmt: skip
        connection.execute(
            f"insert into rows select * replace ({columns}) from rows where account_id = '{account}'"
        )


@pytest.fixture(scope="module")
def other_numbers(
    worlds: Callable[[str], World], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Raw tables with other numbers, and the warehouse of the company that learnt of them later."""
    world = worlds("daily")
    folder = tmp_path_factory.mktemp("mergers")
    raw = with_other_numbers(world.raw, folder / "raw")
    database = shutil.copy(world.database, folder / world.database.name)
    run_dbt(MODELS_ONLY, raw=raw, target_path=folder / "target", db=database)
    return raw, database


def test_nothing_changes_but_the_numbers(
    worlds: Callable[[str], World], other_numbers: tuple[Path, Path]
) -> None:
    _, database = other_numbers
    differing = differing_marts(worlds("daily").database, database)
    assert {mart for mart, *_ in differing} <= ABOUT_ROWS, differing
    with duckdb.connect(str(database), read_only=True) as connection:
        links = connection.execute(
            "select account_id, counts_for_account_id from staging.stg_crm__account_links"
            " where account_id in ('before', 'customer') order by account_id"
        ).fetchall()
        used = connection.execute(
            "select account_id, count(*) > 100 from staging.stg_product__usage_events"
            f" where account_id in ('before', 'customer', '{RENUMBERED}', '{PAYER}') group by account_id"
            " order by account_id"
        ).fetchall()
    assert links == [("before", RENUMBERED), ("customer", PAYER)]
    assert used == [(RENUMBERED, True), (PAYER, True)]


def test_the_reference_follows_them_too(
    worlds: Callable[[str], World], other_numbers: tuple[Path, Path]
) -> None:
    raw, database = other_numbers
    assert differences(score(raw, worlds("daily").seeds / "scorecard"), database) == []
