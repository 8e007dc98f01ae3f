"""Every custom dbt test passes on a good warehouse and fails on a damaged one.

The SQL is what dbt compiles for the shared warehouse; the damage is done to a copy, and undone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from support.dbt import PROJECT, run_dbt
from support.worlds import World

# Damage needs a row to be done to: the first day that will do of the first account that has one.
A_SCORED_DAY = """
    (account_id, as_of_date) = (
        select (account_id, as_of_date) from marts.account_health_daily
        where health_score > 1 and health_score < 99 order by account_id, as_of_date limit 1
    )
"""
AN_UNSCORED_DAY = """
    (account_id, as_of_date) = (
        select (account_id, as_of_date) from marts.account_health_daily
        where score_reason = 'insufficient_data' order by account_id, as_of_date limit 1
    )
"""
ONE_OF_ITS_ROWS = """
    rowid = (
        select min(rowid) from intermediate.int_scoring__contributions
        where status = 'live' and {}
    )
"""
OBSERVED = "effective_weight > 0 and contribution > 0"
DRIVERS = f"""
    insert into marts.churn_drivers (account_id, as_of_date, driver_kind, percentage_points)
    select account_id, as_of_date, '{{}}', {{}} from marts.account_health_daily where {A_SCORED_DAY}
"""
LAST_DAY = "as_of_date = (select max(as_of_date) from marts.source_health)"

# The damage that each singular test must find.
SINGULAR = {
    "contributions_sum_to_score": {
        "a score off by its last place": f"""
            update marts.account_health_daily
            set health_score = health_score + 0.0001 where {A_SCORED_DAY}
        """,
        "a lost contribution": f"""
            delete from intermediate.int_scoring__contributions
            where {ONE_OF_ITS_ROWS.format(f"{OBSERVED} and {A_SCORED_DAY}")}
        """,
        "a contribution counted twice": f"""
            insert into intermediate.int_scoring__contributions
            select * from intermediate.int_scoring__contributions
            where {ONE_OF_ITS_ROWS.format(f"{OBSERVED} and {A_SCORED_DAY}")}
        """,
        "a null where a scored account has a zero": f"""
            update intermediate.int_scoring__contributions set contribution = null
            where {ONE_OF_ITS_ROWS.format("contribution = 0 and contribution_kind = 'signal'")}
        """,
        "a contribution of an account without a score": f"""
            update intermediate.int_scoring__contributions set contribution = 0
            where status = 'live' and {AN_UNSCORED_DAY}
        """,
        "a score without contributions": f"""
            delete from intermediate.int_scoring__contributions
            where status = 'live' and {A_SCORED_DAY}
        """,
        "contributions without a row to explain": f"""
            delete from marts.account_health_daily where {A_SCORED_DAY}
        """,
    },
    # Without a released model: what is wrong comes in by the damage.
    "churn_drivers_sum_to_probability": {
        "a probability without drivers": f"""
            update marts.account_health_daily set churn_probability = 0.05 where {A_SCORED_DAY}
        """,
        "drivers of an account without a probability": DRIVERS.format("reference", 5),
        "drivers of an account without a row": f"""
            {DRIVERS.format("reference", 5)};
            delete from marts.account_health_daily where {A_SCORED_DAY}
        """,
        **{
            what: f"""
                {"; ".join(DRIVERS.format(*row) for row in drivers)};
                update marts.account_health_daily set churn_probability = 0.05 where {A_SCORED_DAY}
            """
            for what, drivers in {
                "a driver off by its last place": (("reference", 4), ("signal", 1.0001)),
                "a driver lost": (("reference", 4),),
                "no reference": (("signal", 5),),
                "two references": (("reference", 4), ("reference", 1)),
            }.items()
        },
    },
    "effective_weights_make_one": {
        "a weight too much": f"""
            update intermediate.int_scoring__contributions
            set effective_weight = effective_weight + 0.00001
            where {ONE_OF_ITS_ROWS.format(OBSERVED)}
        """,
        "a weight too few": f"""
            delete from intermediate.int_scoring__contributions
            where {ONE_OF_ITS_ROWS.format(OBSERVED)}
        """,
    },
    "every_raw_row_has_one_fate": {
        "a staged row lost": """
            delete from staging.base_billing__invoices
            where rowid = (
                select min(rowid) from staging.base_billing__invoices
                where row_fate = 'staged'
            )
        """,
        "a rejected row lost": """
            delete from staging.base_billing__payments
            where rowid = (
                select min(rowid) from staging.base_billing__payments
                where reject_reason is not null
            )
        """,
        "a row in two places": """
            update staging.base_billing__invoices set reject_reason = 'invalid_value'
            where rowid = (
                select min(rowid) from staging.base_billing__invoices
                where row_fate = 'staged'
            )
        """,
        "a conflict lost": """
            delete from staging.base_billing__invoices
            where rowid = (
                select min(rowid) from staging.base_billing__invoices
                where conflict_reason is not null
            )
        """,
        "a duplicate that the mart has not counted": f"""
            update marts.source_health
            set rows_raw = rows_raw - 1, rows_duplicate = rows_duplicate - 1
            where source_id = 'usage_events' and {LAST_DAY}
        """,
        "a table that the mart does not know": f"""
            delete from marts.source_health where source_id = 'pulses' and {LAST_DAY}
        """,
    },
}

# What stands behind a signal that every scorecard of the world weighs, against a limit of the seed.
LIMIT = "insert into staging.stg_scorecard__answer_limits values ('consistency_decline', {})"
SINGULAR["weight_rests_on_answers"] = {
    "too few answers": LIMIT.format("99, 0, 0, 0"),
    "too few answers for the seats": LIMIT.format("0, 99, 0, 0"),
    "answers that are too old": LIMIT.format("0, 0, 1.1, 0"),
    "more thin accounts than may be": LIMIT.format("99, 0, 0, 0.99"),
}
BORNE = {
    "churn_drivers_sum_to_probability": {
        "drivers that make the probability": f"""
            {DRIVERS.format("reference", 6)}; {DRIVERS.format("signal", -1)};
            update marts.account_health_daily set churn_probability = 0.05 where {A_SCORED_DAY}
        """,
    },
    "weight_rests_on_answers": {
        "enough answers": LIMIT.format("0, 0, 1, 0"),
        "as many thin accounts as may be": LIMIT.format("99, 99, 1.1, 1"),
    },
}

# Each generic test at one place where it is used: damage that it must find, and what it must bear.
GENERIC = {
    "between": {
        "column": ("account_health_daily", "health_score"),
        "found": {
            "just above": f"""
                update marts.account_health_daily set health_score = 100.0001 where {A_SCORED_DAY}
            """,
            "just below": f"""
                update marts.account_health_daily set health_score = -0.0001 where {A_SCORED_DAY}
            """,
        },
        "borne": {
            "highest": f"""
                update marts.account_health_daily set health_score = 100 where {A_SCORED_DAY}
            """,
            "lowest": f"""
                update marts.account_health_daily set health_score = 0 where {A_SCORED_DAY}
            """,
            "null": f"""
                update marts.account_health_daily set health_score = null where {A_SCORED_DAY}
            """,
        },
    },
    "unique_combination": {
        "column": ("account_health_daily", None),
        "found": {
            "a row twice": f"""
                insert into marts.account_health_daily
                select * from marts.account_health_daily where {A_SCORED_DAY}
            """,
            "a null in the key": f"""
                update marts.account_health_daily set account_id = null where {A_SCORED_DAY}
            """,
        },
        "borne": {
            "the same account on another day": f"""
                insert into marts.account_health_daily
                select * replace (cast('1999-01-01' as date) as as_of_date)
                from marts.account_health_daily where {A_SCORED_DAY}
            """,
        },
    },
}


def cases(tests: dict, kind: str | None = None) -> list:
    """Parameters (test, damage) of every damage, named."""
    return [
        pytest.param(name, damage, id=f"{name}: {what}")
        for name, damages in tests.items()
        for what, damage in (damages if kind is None else damages[kind]).items()
    ]


@pytest.fixture(scope="module")
def compiled(
    worlds: Callable[[str], World], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The SQL of the custom tests as dbt compiles it, by the name of the test."""
    world, folder = worlds("daily"), tmp_path_factory.mktemp("compiled")
    selected = [f"test_name:{name}" for name in GENERIC]
    result = run_dbt(
        ["compile", "--select", "test_type:singular", *selected],
        raw=world.raw,
        target_path=folder,
        # dbt opens it to write, which it cannot while others read.
        db=shutil.copy(world.database, folder),
        vars=world.vars,
    )
    sql = {}
    for node in (found.node for found in result.result.results):
        metadata = getattr(node, "test_metadata", None)
        if metadata is None:
            sql[node.name] = node.compiled_code
            continue
        model = node.attached_node.rpartition(".")[2]
        if (model, node.column_name) == GENERIC[metadata.name]["column"]:
            sql[metadata.name] = node.compiled_code
    return sql


@pytest.fixture(scope="module")
def copy(
    worlds: Callable[[str], World], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the shared warehouse, under the same name, which the compiled SQL uses."""
    database = worlds("daily").database
    copied = tmp_path_factory.mktemp("damaged") / database.name
    shutil.copy(database, copied)
    with duckdb.connect(str(copied)) as connection:
        yield connection


def rows_found(connection: duckdb.DuckDBPyConnection, sql: str, damage: str) -> int:
    """How many rows the test returns after the damage, which is undone."""
    connection.execute("begin")
    try:
        (changed,) = connection.execute(damage).fetchone()
        assert changed >= 1, "the damage changed nothing"
        return len(connection.execute(sql).fetchall())
    finally:
        connection.execute("rollback")


def test_every_custom_test_is_here() -> None:
    folder = PROJECT / "tests"
    assert {path.stem for path in folder.glob("*.sql")} == set(SINGULAR)
    assert {path.stem for path in Path(folder, "generic").glob("*.sql")} == set(GENERIC)


@pytest.mark.parametrize("name", [*SINGULAR, *GENERIC])
def test_a_good_warehouse_passes(
    name: str, compiled: dict[str, str], copy: duckdb.DuckDBPyConnection
) -> None:
    assert copy.execute(compiled[name]).fetchall() == []


@pytest.mark.parametrize("name, damage", [*cases(SINGULAR), *cases(GENERIC, "found")])
def test_damage_is_found(
    name: str, damage: str, compiled: dict[str, str], copy: duckdb.DuckDBPyConnection
) -> None:
    assert rows_found(copy, compiled[name], damage) >= 1


@pytest.mark.parametrize("name, change", [*cases(BORNE), *cases(GENERIC, "borne")])
def test_what_is_no_damage_is_borne(
    name: str, change: str, compiled: dict[str, str], copy: duckdb.DuckDBPyConnection
) -> None:
    assert rows_found(copy, compiled[name], change) == 0
