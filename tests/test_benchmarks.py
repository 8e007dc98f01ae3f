"""What the project is measured against computes the same numbers, or comparing would say nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from lib.benchmark.seeds import write_seeds
from support.dbt import PROJECT, run_dbt
from support.worlds import MODELS_ONLY, fall_silent, generate_world

BENCHMARKS = PROJECT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

from windows_pandas import active_users  # noqa: E402

# Usage falls silent for a while, so that what late sources leave behind is compared too.
SILENCE = ("usage_events", "2026-05-18", "2026-05-25")
# Rows beside those that a small company has anyway, so that every rule of staging decides over some.
SOILED = {
    "usage_events": """
        select * replace (if(nth % 5 = 0, ' ' || account_id, account_id) as account_id) from rows
        union all
        select * replace (user_id || '_late' as user_id, loaded_at + interval 1 hour as loaded_at)
        from rows where nth % 40 = 0
        union all
        select * replace (
            event_id || '_ghost' as event_id,
            'ghost_' || nth as user_id,
            if(nth % 4 = 0, -1, 1) as quantity,
            if(nth % 4 = 1, -1, 1) as duration_seconds,
            if(nth % 4 = 2, -1, 1) as error_count,
            if(nth % 4 = 3, occurred_at - interval 2 day, loaded_at) as loaded_at
        )
        from rows where nth % 45 = 0
        union all
        select * replace (
            event_id || '_now' as event_id,
            (select max(loaded_at) from rows) as occurred_at,
            null as loaded_at
        )
        from rows where nth = 0
    """,
    "users": "select * replace (nth % 9 = 0 as is_internal) from rows",
    "subscriptions": """
        from rows
        union all
        select * replace (
            subscription_id || '_odd' as subscription_id,
            if(nth % 2 = 0, -2, 3) as seats,
            if(nth % 2 = 1, starts_on - 1, ends_on) as ends_on
        )
        from rows
    """,
    "invoices": "select * replace (if(nth % 11 = 0, 0, amount) as amount) from rows",
    "payments": """
        select * replace (if(nth % 13 = 0, 'failed', status) as status) from rows where nth % 3 != 0
        union all
        select * replace (occurred_on + 40 as occurred_on, null as loaded_at) from rows where nth % 3 = 0
        union all
        select * replace (payment_id || '_back' as payment_id, 'refund' as kind) from rows where nth % 7 = 0
        union all
        select * replace (payment_id || '_odd' as payment_id, 'barter' as kind) from rows where nth % 7 = 0
    """,
}
CONTRIBUTIONS = """
    account_id, as_of_date, signal_id, value, scale, points, effective_weight, contribution,
    points_lost, state
"""
SCORES = "account_id, as_of_date, health_score, coverage"
WINDOWS = """
    select account_id, as_of_date, cast(numerator as bigint) as active_users
    from project.intermediate.int_signals__measured
    where signal_id = 'active_users_per_seat'
"""


def soil(raw: Path) -> None:
    """Make raw tables what SOILED selects from their numbered rows."""
    with duckdb.connect() as connection:
        for table, selected in SOILED.items():
            file = raw / f"{table}.parquet"
            connection.execute(
                "create or replace table rows as select * rename (file_row_number as nth)"
                f" from read_parquet('{file}', file_row_number = true)"
            )
            connection.execute(f"copy (select * exclude (nth) from ({selected})) to '{file}'")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the floor, and the warehouse of the project as `project`."""
    folder: Path = tmp_path_factory.mktemp("benchmarks")
    raw = generate_world(folder / "raw", seed=5, weeks=20, accounts=30, events=12000)
    fall_silent(raw, *SILENCE)
    soil(raw)
    # A raw table is a file or a folder of parts.
    (raw / "users").mkdir()
    (raw / "users.parquet").rename(raw / "users" / "part-0.parquet")
    warehouse = folder / "warehouse.duckdb"
    seeds = write_seeds(folder / "seeds", "crawl")
    run_dbt(MODELS_ONLY, raw=raw, target_path=folder / "target", db=warehouse, seeds=seeds)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as project (read_only)")
        connection.execute(f"set variable raw = '{raw}'")
        connection.execute((BENCHMARKS / "floor.sql").read_text(encoding="utf-8"))
        yield connection


def differences(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[tuple]:
    """Rows, repeated ones included, that only one of two queries returns."""
    return connection.execute(
        f"(from ({one}) except all from ({other})) union all"
        f" (from ({other}) except all from ({one})) order by all"
    ).fetchall()


def test_nothing_is_measured_but_the_signals_of_the_floor(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    measured = "select signal_id from project.staging.stg_scorecard__signals where is_measured"
    assert differences(connection, measured, "select distinct signal_id from contributions") == []


def test_contributions_of_the_floor_are_those_of_the_project(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    project = (
        f"select {CONTRIBUTIONS} from project.intermediate.int_scoring__contributions"
        " where contribution_kind = 'signal'"
    )
    assert differences(connection, project, f"select {CONTRIBUTIONS} from contributions") == []


def test_scores_of_the_floor_are_those_of_the_project(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    project = f"select {SCORES} from project.marts.account_health_daily"
    assert differences(connection, project, f"select {SCORES} from scores") == []


def test_the_company_has_what_the_comparison_is_about(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    states = connection.execute(
        "select signal_id, state from contributions group by all having count(*) > 20 order by all"
    ).fetchall()
    signals = ("active_users_per_seat", "overdue_age", "ticket_rate")
    assert states == [
        (signal, state) for signal in signals for state in ("in_grace", "missing", "observed")
    ]
    (late, scored, unscored), = connection.execute(
        """
        select
            (
                select count(*) from project.intermediate.int_scoring__contributions
                where rule_id = 'dark_source'
            ),
            count(health_score),
            count(*) filter (health_score is null)
        from scores
        """
    ).fetchall()  # fmt: skip
    assert min(late, scored, unscored) > 100


@pytest.fixture(scope="module")
def by_intervals(connection: duckdb.DuckDBPyConnection) -> str:
    """The table of active people that the project's way writes."""
    connection.execute((BENCHMARKS / "intervals.sql").read_text(encoding="utf-8"))
    connection.execute("alter table active_users rename to by_intervals")
    windows = connection.execute("select distinct window_days from by_intervals order by all")
    assert windows.fetchall() == [(14,), (28,), (91,)]
    return "select account_id, as_of_date, window_days, active_users from by_intervals"


def test_the_project_counts_the_same_people(
    connection: duckdb.DuckDBPyConnection, by_intervals: str
) -> None:
    of_28_days = "select account_id, as_of_date, active_users from by_intervals where window_days = 28"
    assert differences(connection, WINDOWS, of_28_days) == []


def test_range_joins_count_the_same_people(
    connection: duckdb.DuckDBPyConnection, by_intervals: str
) -> None:
    connection.execute((BENCHMARKS / "range_joins.sql").read_text(encoding="utf-8"))
    joined = "select account_id, as_of_date, window_days, active_users from active_users"
    assert differences(connection, by_intervals, joined) == []


def test_pandas_counts_the_same_people(
    connection: duckdb.DuckDBPyConnection, by_intervals: str
) -> None:
    connection.register("by_pandas", active_users(connection))
    pandas = (
        "select account_id, cast(as_of_date as date) as as_of_date, window_days, active_users"
        " from by_pandas"
    )
    assert differences(connection, by_intervals, pandas) == []
