"""Raw tables that are off, empty, or do not know an account, with every signal of the registry measured."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from lib.contract import read_contract
from support.dbt import PROJECT, run_dbt
from support.worlds import World

# Off in one company and empty in the other, so that either leaves something to compare.
OFF = ("support_tickets", "ticket_events", "survey_responses", "pulses", "churn_events")
EMPTY = (
    "touchpoints", "invoices", "payments", "trainings", "success_goals", "advocacy_events",
    "product_features", "entitlements",
)  # fmt: skip
# Rules 3 and 4 of docs/scoring.md, section 5, come before the rows of a source are looked at.
BEFORE = {"too_young", "calendar"}
SIGNALS = """
    select account_id, as_of_date, signal_id, product_id, state, state_reason, round(value, 9), scale
    from intermediate.int_signals__daily
"""
SCORES = """
    select account_id, as_of_date, health_score, coverage from intermediate.int_scoring__scores
    where scorecard_id = 'everything'
"""
LOST = """
    select distinct contribution, effective_weight from intermediate.int_scoring__contributions
    where scorecard_id = 'everything' and contribution_kind in ('signal', 'pulse')
        and state != 'observed' and coalesce(contribution, 0) != 0
"""
TABLES_OF = """
    select signal_id, list_transform(string_split(sources, '|'), lambda x: split_part(x, '.', 1))
    from staging.stg_scorecard__signals
"""


def rows(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def built_without(world: World, folder: Path, damage: Callable[[Path], None]) -> Path:
    """The scores of a world whose raw tables were damaged."""
    raw = folder / "raw"
    shutil.copytree(world.raw, raw)
    damage(raw)
    run_dbt(
        ("build", "--select", "+int_scoring__scores", "--exclude-resource-type", "test", "unit_test"),
        raw=raw,
        target_path=folder,
        seeds=world.seeds,
        vars=world.vars,
    )
    return folder / "warehouse.duckdb"


def keep(raw: Path, table: str, condition: str) -> None:
    file = raw / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * from '{file}' where {condition}) to '{file}.kept' (format parquet)"
        )
    Path(f"{file}.kept").replace(file)


def off(raw: Path) -> None:
    for table in OFF:
        (raw / f"{table}.parquet").unlink()


def empty(raw: Path) -> None:
    for table in EMPTY:
        keep(raw, table, "false")


def assert_nothing_is_made_of_what_is_missing(world: World, database: Path) -> None:
    """What does not score adds nothing, and nobody is scored, or covered better, who was not before."""
    assert not rows(database, LOST)
    before = {row[:2]: row[2:] for row in rows(world.database, SCORES)}
    after = {row[:2]: row[2:] for row in rows(database, SCORES)}
    assert before.keys() == after.keys() and len(before) > 500
    for key, (score, coverage) in after.items():
        assert coverage <= before[key][1] + 1e-9, key
        assert score is None or before[key][0] is not None, key


@pytest.mark.parametrize(
    "damage, tables, reasons",
    [(off, OFF, {"source_off"}), (empty, EMPTY, {"source_empty", "not_known"})],
    ids=["off", "empty"],
)
def test_a_table_without_rows_leaves_its_signals_missing_and_no_other(
    worlds: Callable[[str], World],
    tmp_path: Path,
    damage: Callable[[Path], None],
    tables: tuple[str, ...],
    reasons: set[str],
) -> None:
    world = worlds("every signal")
    database = built_without(world, tmp_path, damage)
    lost = {name for name, needs in rows(database, TABLES_OF) if set(needs) & set(tables)}
    assert len(lost) > 10
    before = {row[:4]: row[4:] for row in rows(world.database, SIGNALS)}
    compared = set()
    for *key, state, reason, value, scale in rows(database, SIGNALS):
        signal = key[2]
        if signal in lost:
            assert state != "observed" and reason in reasons | BEFORE, (key, reason)
        elif reason == "not_known" and tuple(key) not in before:
            # A product signal of an account whose products are not known has one row.
            assert tuple(key)[3] == "all" and "entitlements" in tables
        elif signal not in ("milestone_pace", "products_in_use"):
            # Pace is of the milestones of which something can tell, and products are those entitled.
            assert before[tuple(key)] == (state, reason, value, scale), key
            compared.add(signal)
    assert len(compared) > 30
    assert_nothing_is_made_of_what_is_missing(world, database)


def test_an_account_that_a_table_does_not_know_has_no_value_from_it(
    worlds: Callable[[str], World], tmp_path: Path
) -> None:
    """One account is unknown to one table, the next one to the next.

    Only accounts without internal users: that a user is internal is told by the users alone, so without
    them its events are the customer's. Payments and ticket events are known through their invoice and
    ticket; their own account_id only picks one of several.
    """
    world = worlds("every signal")
    known = f"""
        select account_id from ({SCORES})
        where health_score is not null and account_id not in (
            select account_id from staging.stg_crm__users where is_internal
        )
        group by account_id
        order by count(*) desc, account_id
    """
    accounts = [account for (account,) in rows(world.database, known)]
    tables = sorted(
        name
        for name, table in read_contract(PROJECT).items()
        if not table.required
        and name not in ("payments", "ticket_events")
        and any(column.name == "account_id" for column in table.columns)
    )
    unknown = dict(zip(tables, accounts))
    assert unknown.keys() == set(tables) and len(tables) > 10

    def damage(raw: Path) -> None:
        for table, account in unknown.items():
            keep(raw, table, f"account_id is distinct from '{account}'")

    database = built_without(world, tmp_path, damage)
    known_by = dict(
        rows(database, "select signal_id, known_by from staging.stg_scorecard__signals")
    )
    first_of = {name: needs[0] for name, needs in rows(database, TABLES_OF)}
    checked = set()
    for account, day, signal, product, state, reason, *_ in rows(database, SIGNALS):
        table = first_of[signal]
        if unknown.get(table) == account and known_by[signal] == "account":
            assert state != "observed", (account, day, signal)
            checked.add(table)
        if unknown["entitlements"] == account and product == "all" and signal == "feature_breadth":
            assert (state, reason) == ("missing", "not_known")
            checked.add("entitlements")
    assert {"support_tickets", "survey_responses", "touchpoints", "invoices", "users"} <= checked
    assert "entitlements" in checked
    assert_nothing_is_made_of_what_is_missing(world, database)


def test_what_an_export_leaves_open_in_a_row_takes_nothing_else_away(
    worlds: Callable[[str], World], tmp_path: Path
) -> None:
    """People without a date, and amounts that are no number, in files whose statistics know no NaN."""
    world = worlds("every signal")

    def damage(raw: Path) -> None:
        for table, changed in [
            ("users", "null::timestamp as created_at"),
            (
                "subscriptions",
                "if(hash(subscription_id) % 3 = 0, 'nan', monthly_recurring_revenue::double)"
                " as monthly_recurring_revenue",
            ),
        ]:
            file = raw / f"{table}.parquet"
            with duckdb.connect() as connection:
                changed_rows = connection.sql(f"select * replace ({changed}) from '{file}'")
                parquet.write_table(changed_rows.to_arrow_table(), file)

    database = built_without(world, tmp_path, damage)
    amounts = """
        select count(*) filter (hash(subscription_id) % 3 = 0), count(*) filter (monthly_recurring_revenue is null)
        from staging.stg_billing__subscriptions
    """
    ((open_amounts, unknown),) = rows(database, amounts)
    assert open_amounts == unknown > 5

    of_people = {name for name, needs in rows(database, TABLES_OF) if needs == ["users"]}
    after = {row[:4]: row[4] for row in rows(database, SIGNALS)}
    observed = [
        row[:4] for row in rows(world.database, SIGNALS)
        if row[2] in of_people and row[4] == "observed"
    ]  # fmt: skip
    assert len(observed) > 500
    assert {after[key] for key in observed} == {"observed"}
