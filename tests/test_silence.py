"""A customer who stops using the product: silence is observed, costs points, and hides nobody."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from support.dbt import run_dbt
from support.worlds import MODELS_ONLY, World

HISTORY = """
    select account_id, as_of_date, coverage, health_score, band from marts.account_health_daily
"""
QUEUE = "select account_id, queue_rank, band from marts.account_health"
# Long enough for the longest look back at use (usage_change and usage_trend) to see nothing.
SILENT_WEEKS = 18


def rows(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def history(database: Path) -> dict[str, dict[date, tuple]]:
    """Coverage, score and band by account and day."""
    found: dict[str, dict[date, tuple]] = {}
    for account, day, *what in rows(database, HISTORY):
        found.setdefault(account, {})[day] = tuple(what)
    return found


@pytest.fixture
def silenced(worlds: Callable[[str], World], tmp_path: Path) -> tuple[World, Path, set[str], date]:
    """A company, the same without any use by its healthy accounts after a day, those accounts, and the day."""
    world = worlds("weekly")
    before = history(world.database)
    last_day = max(day for days in before.values() for day in days)
    day = last_day - timedelta(weeks=SILENT_WEEKS)
    healthy = {
        account
        for account, days in before.items()
        if last_day in days and days.get(day, (None,))[-1] == "healthy"
    }
    raw = tmp_path / "raw"
    shutil.copytree(world.raw, raw)
    file = raw / "usage_events.parquet"
    with duckdb.connect() as connection:
        connection.execute("create table silent as select unnest(?) as account_id", [sorted(healthy)])
        connection.execute(
            f"copy (select * from '{world.raw}/usage_events.parquet' where occurred_at is null"
            f" or cast(occurred_at as date) <= '{day}'"
            f" or account_id not in (select account_id from silent)) to '{file}' (format parquet)"
        )
    run_dbt(
        (*MODELS_ONLY, "--select", "+account_health"),
        raw=raw, target_path=tmp_path / "target", db=tmp_path / "silent.duckdb", vars=world.vars,
    )  # fmt: skip
    return world, tmp_path / "silent.duckdb", healthy, day


def test_who_stops_using_is_covered_as_before_scored_worse_and_stays_in_the_queue(
    silenced: tuple[World, Path, set[str], date],
) -> None:
    world, database, healthy, day = silenced
    assert len(healthy) > 4
    before, after = history(world.database), history(database)
    for account in healthy:
        assert before[account].keys() == after[account].keys()
        for later in (one for one in after[account] if one > day):
            coverage, score, band = after[account][later]
            assert coverage >= before[account][later][0], (account, later)
            assert score is not None and band != "unknown", (account, later)
        last_day = max(after[account])
        assert after[account][last_day][1] < before[account][last_day][1] - 10, account
    queue = {account: (rank, band) for account, rank, band in rows(database, QUEUE)}
    for account in healthy:
        rank, band = queue[account]
        assert rank is not None and band != "healthy", account
