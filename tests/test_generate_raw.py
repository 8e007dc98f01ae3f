"""The demo world: its files, its dirt, its planted cases, and whether its truth is true."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from lib.contract import ContractError, duckdb_type, read_contract
from lib.world import build
from lib.world.dirt import DIRT, KEYS
from lib.world.parameters import Parameters, WorldError
from lib.world.shape import SHIFTED, WORLDS

pytestmark = pytest.mark.quick

PROJECT = Path(__file__).resolve().parents[1]
SCRIPTS = PROJECT / "scripts"
CONTRACT = read_contract(PROJECT)
END = date(2026, 6, 28)
SMALL = Parameters(accounts=120, weeks=40, events=40_000, seed=7, end=END)
TINY = Parameters(accounts=40, weeks=20, events=9_000, seed=7, end=END)


def make(folder: Path, parameters: Parameters = TINY, **options) -> Path:
    """Generate a world below `folder`; returns its raw folder."""
    build.generate(CONTRACT, parameters, folder / "raw", folder / "truth", **options)
    return folder / "raw"


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by relative path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A small world: raw tables by name, without their dirt in `clean`, the truth in `truth`."""
    folder = tmp_path_factory.mktemp("world")
    raw = make(folder, SMALL)
    db = duckdb.connect()
    db.execute("create schema clean; create schema truth")
    for path in (folder / "truth").glob("*.parquet"):
        db.execute(f"create view truth.{path.stem} as from '{path}'")
    for table in CONTRACT:
        db.execute(f"create table {table} as from '{raw / table}.parquet'")
        first_key = KEYS[table][0]
        whole_key = " || '|' || ".join(f"coalesce({key}::varchar, '')" for key in KEYS[table])
        # A reload has its clean row's key and another load time, a disagreement none; an exact duplicate differs in
        # nothing; every other dirty row has a key of its own, or none.
        db.execute(
            f"""
            create table clean.{table} as
            select distinct *
            from main.{table}
            where
                {first_key} is not null
                and {first_key}::varchar not in (
                    select row_key from truth.dirt
                    where
                        table_name = '{table}'
                        and kind not in (
                            'exact_duplicate', 'correction', 'planted_reload', 'disagreement'
                        )
                        and row_key is not null
                )
                and ({whole_key}, loaded_at) not in (
                    select (clean_key, loaded_at) from truth.dirt
                    where table_name = '{table}' and kind in ('correction', 'planted_reload')
                )
                and not (
                    loaded_at is null
                    and {whole_key} in (
                        select clean_key from truth.dirt
                        where table_name = '{table}' and kind = 'disagreement'
                    )
                )
            """
        )
    db.execute("create table manifest (content json)")
    db.execute("insert into manifest values (?)", [(raw / "manifest.json").read_text()])
    yield db
    db.close()


@pytest.fixture(scope="module")
def manifest(world: duckdb.DuckDBPyConnection) -> dict:
    return json.loads(world.execute("select content from manifest").fetchone()[0])


def rows(world: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return world.execute(query).fetchall()


def value(world: duckdb.DuckDBPyConnection, query: str) -> object:
    return world.execute(query).fetchone()[0]


# The contract.


def test_contract_has_every_table_with_types() -> None:
    assert {"accounts", "usage_events", "subscriptions"} == {
        table.name for table in CONTRACT.values() if table.required
    }
    account_id = CONTRACT["accounts"].columns[0]
    assert (account_id.name, account_id.required) == ("account_id", True)
    assert all(column.description for table in CONTRACT.values() for column in table.columns)


def test_contract_types() -> None:
    assert duckdb_type("string") == "VARCHAR"
    assert duckdb_type("decimal(18, 2)") == "DECIMAL(18,2)"
    with pytest.raises(ContractError, match="unknown data_type 'money'"):
        duckdb_type("money")


def test_contract_errors_name_the_place(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no sources files"):
        read_contract(tmp_path)
    folder = tmp_path / "models" / "staging" / "crm"
    folder.mkdir(parents=True)
    (folder / "_crm__sources.yml").write_text(
        "sources: [{name: crm, tables: [{name: a, columns: [{name: b, data_type: blob}]}]}]"
    )
    with pytest.raises(ContractError, match="_crm__sources.yml: a.b: unknown data_type 'blob'"):
        read_contract(tmp_path)


# Files.


@pytest.mark.parametrize("table", CONTRACT)
def test_table_has_the_columns_of_the_contract(
    world: duckdb.DuckDBPyConnection, table: str
) -> None:
    found = [(row[0], row[1]) for row in rows(world, f"describe {table}")]
    wanted = [(column.name, duckdb_type(column.data_type)) for column in CONTRACT[table].columns]
    assert found == wanted


# What the demo company has no use for: it has no mergers, one item a subscription, ends that are
# inclusive, and payments that name their invoice. Tests of these columns bring rows of their own.
EMPTY = {
    "accounts": {"merged_into_account_id", "merged_on"},
    "entitlements": {"ends_before"},
    "payments": {"account_id"},
    "subscriptions": {"subscription_item_id", "ends_before"},
}


@pytest.mark.parametrize("table", CONTRACT)
def test_every_column_is_filled_somewhere(world: duckdb.DuckDBPyConnection, table: str) -> None:
    empty = {
        column
        for column in CONTRACT[table].column_names
        if value(world, f"select count({column}) from clean.{table}") == 0
    }
    assert empty == EMPTY.get(table, set())


def test_manifest_counts_rows(world: duckdb.DuckDBPyConnection, manifest: dict) -> None:
    counted = {table: value(world, f"select count(*) from {table}") for table in CONTRACT}
    assert manifest["rows"] == counted


def test_events_are_as_many_as_asked_for(world: duckdb.DuckDBPyConnection) -> None:
    count = value(world, "select count(*) from usage_events")
    assert abs(count / SMALL.events - 1) < 0.05


def test_same_arguments_same_bytes_at_any_thread_count(tmp_path: Path) -> None:
    for threads in (1, 2, 4):
        make(tmp_path / str(threads), threads=threads)
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(tmp_path / "4")


def test_the_default_world_is_the_one_it_was(tmp_path: Path) -> None:
    """A new shape, or a new step of the generator, leaves every row of the first world as it was.

    Rows, not bytes: another DuckDB may write the same rows in other bytes. Whoever changes the default
    world on purpose puts the new digest here and says so in CHANGELOG.md.
    """
    raw = make(tmp_path)
    digest = hashlib.sha256()
    for table in CONTRACT:
        query = f"from '{raw / table}.parquet' order by all"
        for row in duckdb.sql(query).fetchall():
            digest.update(repr(row).encode())
    assert digest.hexdigest() == "75a157d2965060e751b5eb9f58367ea9d062f2b153f76856e92e33f0b0941731"


def test_blocks_of_accounts_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "one")
    monkeypatch.setattr(build, "ACCOUNTS_PER_BLOCK", 7)
    make(tmp_path / "many")
    assert digests(tmp_path / "one") == digests(tmp_path / "many")


def test_another_seed_is_another_world(tmp_path: Path) -> None:
    one = digests(make(tmp_path / "one"))
    other = digests(make(tmp_path / "other", replace(TINY, seed=8)))
    same = {name for name in one if one[name] == other[name]}
    # What is on sale and when it is a holiday does not hang on chance.
    assert same <= {"products.parquet", "product_features.parquet", "calendar_days.parquet"}


def test_large_worlds_have_part_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = make(tmp_path)
    query = "select * from read_parquet('{}') order by all"
    whole = duckdb.sql(query.format(raw / "usage_events.parquet")).fetchall()
    monkeypatch.setattr(build, "EVENTS_PER_PART", 4_000)
    make(tmp_path)
    assert not (raw / "usage_events.parquet").exists()
    assert len(list((raw / "usage_events").iterdir())) == 3
    parts = duckdb.sql(query.format(raw / "usage_events" / "*.parquet")).fetchall()
    assert parts == whole
    monkeypatch.undo()
    make(tmp_path)
    assert not (raw / "usage_events").exists()


def test_truth_is_not_among_the_raw_tables(tmp_path: Path) -> None:
    raw = make(tmp_path)
    names = {path.name for path in raw.iterdir()}
    assert names == {f"{table}.parquet" for table in CONTRACT} | {"manifest.json"}


def test_a_folder_with_other_tables_is_left_alone(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "accounts.parquet").write_text("mine")
    with pytest.raises(WorldError, match="somebody's data"):
        make(tmp_path)
    assert (raw / "accounts.parquet").read_text() == "mine"
    assert len(list(tmp_path.rglob("*"))) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--world", "flat"], "invalid choice: 'flat' (choose from"),
        (["--accounts", "5"], "--accounts must be from 30"),
        (["--weeks", "4"], "--weeks must be from 20"),
        (["--events", "0"], "--events must be positive"),
        (["--events", "100"], "--events is too small for the planted cases"),
        (["--end", "2026-06-27"], "--end must be a Sunday"),
        (["--end", "soon"], "'soon' is not a date"),
        (["--threads", "0"], "threads cannot be '0'"),
        (["--memory-limit", "much"], "memory_limit cannot be 'much'"),
    ],
)
def test_bad_arguments_are_refused(tmp_path: Path, arguments: list[str], message: str) -> None:
    run = subprocess.run(
        [sys.executable, SCRIPTS / "generate_raw.py", "--out", tmp_path / "raw", *arguments],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr
    assert not list(tmp_path.rglob("*.parquet"))


def test_command_makes_a_world(tmp_path: Path) -> None:
    arguments = ["--accounts", "40", "--weeks", "20", "--events", "9000", "--out", tmp_path / "raw"]
    run = subprocess.run(
        [sys.executable, SCRIPTS / "generate_raw.py", *arguments], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "usage_events" in run.stdout
    assert (tmp_path / "truth" / "account_weeks.parquet").exists()


# Dirt.


def test_manifest_counts_dirt(world: duckdb.DuckDBPyConnection, manifest: dict) -> None:
    listed = rows(world, "select table_name, kind, count(*) from truth.dirt group by all")
    in_manifest = {
        (table, kind, counted["rows"])
        for table, kinds in manifest["dirt"].items()
        for kind, counted in kinds.items()
    }
    assert set(listed) == in_manifest
    assert all(count > 0 for _, _, count in listed)
    assert {table: [dirt.kind for dirt in kinds] for table, kinds in DIRT.items()} == {
        table: list(kinds) for table, kinds in manifest["dirt"].items()
    }


@pytest.mark.parametrize("table", CONTRACT)
def test_without_its_dirt_a_table_is_clean(
    world: duckdb.DuckDBPyConnection, manifest: dict, table: str
) -> None:
    dirty = sum(kind["rows"] for kind in manifest["dirt"][table].values())
    keys = ", ".join(KEYS[table])
    clean, distinct = rows(
        world, f"select count(*), count(distinct ({keys})) from clean.{table}"
    )[0]
    assert clean == distinct
    assert clean == manifest["rows"][table] - dirty


@pytest.mark.parametrize(
    ("table", "kind", "condition"),
    [
        ("usage_events", "null_key", "event_id is null"),
        ("usage_events", "null_date", "occurred_at is null"),
        ("usage_events", "unknown_account", "account_id like 'unknown_account_%'"),
        ("usage_events", "future_date", "occurred_at > loaded_at + interval 1 day"),
        ("usage_events", "negative_amount", "quantity < 0"),
        ("invoices", "negative_amount", "amount < 0"),
        ("invoices", "end_before_start", "due_on < issued_on"),
        ("payments", "unknown_kind", "kind not in ('payment', 'refund', 'credit_note')"),
        ("payments", "unknown_invoice", "invoice_id like 'unknown_invoice_%'"),
        ("subscriptions", "end_before_start", "ends_on < starts_on"),
        ("survey_responses", "unknown_kind", "kind = 'xyz'"),
        ("survey_responses", "out_of_range", "score > 10"),
        ("support_tickets", "out_of_range", "sentiment > 1"),
        ("ticket_events", "unknown_ticket", "ticket_id like 'unknown%'"),
        ("pulses", "null_reason", "reason is null"),
        ("churn_events", "end_before_start", "ends_on < notice_given_on"),
    ],
)
def test_dirt_is_what_it_says(
    world: duckdb.DuckDBPyConnection, manifest: dict, table: str, kind: str, condition: str
) -> None:
    found = value(world, f"select count(*) from {table} where {condition}")
    assert found == manifest["dirt"][table][kind]["rows"]


def test_a_correction_is_loaded_later(world: duckdb.DuckDBPyConnection, manifest: dict) -> None:
    corrected = value(
        world,
        """
        select count(*)
        from usage_events as first
        inner join usage_events as second
            on first.event_id = second.event_id and first.loaded_at < second.loaded_at
        where first.duration_seconds is distinct from second.duration_seconds
        """,
    )
    assert corrected == manifest["dirt"]["usage_events"]["correction"]["rows"]


# The clean world holds together.


@pytest.mark.parametrize("table", CONTRACT)
def test_loads_end_on_the_morning_after(world: duckdb.DuckDBPyConnection, table: str) -> None:
    latest = value(world, f"select max(loaded_at) from {table}")
    earliest = value(world, f"select min(loaded_at) from {table}")
    assert latest.date() <= date(2026, 6, 29)
    assert earliest.date() >= SMALL.first_day
    if table == "usage_events":
        assert latest.date() == date(2026, 6, 29)


@pytest.mark.parametrize(
    ("table", "column", "other"),
    [
        ("users", "account_id", "accounts"),
        ("entitlements", "account_id", "accounts"),
        ("subscriptions", "account_id", "accounts"),
        ("usage_events", "user_id", "users"),
        ("usage_events", "feature_key", "product_features"),
        ("support_tickets", "user_id", "users"),
        ("ticket_events", "ticket_id", "support_tickets"),
        ("survey_responses", "user_id", "users"),
        ("survey_responses", "ticket_id", "support_tickets"),
        ("touchpoints", "user_id", "users"),
        ("trainings", "user_id", "users"),
        ("advocacy_events", "user_id", "users"),
        ("payments", "invoice_id", "invoices"),
        ("churn_events", "account_id", "accounts"),
    ],
)
def test_keys_are_known(
    world: duckdb.DuckDBPyConnection, table: str, column: str, other: str
) -> None:
    orphans = f"select {column} from clean.{table} where {column} is not null"
    known = f"select {column} from clean.{other}"
    assert rows(world, f"{orphans} except {known}") == []


def test_use_happens_inside_subscriptions(world: duckdb.DuckDBPyConnection) -> None:
    outside = """
        select count(*)
        from clean.usage_events
        where not exists (
            from clean.subscriptions
            where
                subscriptions.account_id = usage_events.account_id
                and subscriptions.product_id = usage_events.product_id
                and usage_events.occurred_at::date >= subscriptions.starts_on
                and usage_events.occurred_at::date <= coalesce(subscriptions.ends_on, '2999-01-01')
        )
        and event_id not in (select row_key from truth.dirt where kind like 'before%')
    """
    assert value(world, outside) == 0


def test_use_is_by_people_who_are_there(world: duckdb.DuckDBPyConnection) -> None:
    absent = """
        select count(*)
        from clean.usage_events
        inner join clean.users on usage_events.user_id = users.user_id
        where occurred_at < created_at or occurred_at > left_at
    """
    assert value(world, absent) == 0


def test_subscription_periods_do_not_overlap(world: duckdb.DuckDBPyConnection) -> None:
    overlaps = """
        select count(*)
        from (
            select
                ends_on,
                lead(starts_on) over (partition by subscription_id order by starts_on) as next_on
            from clean.subscriptions
        )
        where next_on is not null and next_on <> ends_on + 1
    """
    assert value(world, overlaps) == 0


def test_what_is_paid_is_what_is_owed(world: duckdb.DuckDBPyConnection) -> None:
    """Nothing is overpaid, and what has failed is not paid twice."""
    overpaid = """
        select count(*)
        from (
            select any_value(invoices.amount) as amount, sum(payments.amount) as settled
            from clean.invoices
            inner join clean.payments on invoices.invoice_id = payments.invoice_id
            where kind in ('payment', 'credit_note') and coalesce(status, 'succeeded') = 'succeeded'
            group by invoices.invoice_id
        )
        where settled > amount
    """
    assert value(world, overpaid) == 0


def test_merges_point_at_tickets_that_are_not_merged(world: duckdb.DuckDBPyConnection) -> None:
    chains = """
        select count(*)
        from clean.support_tickets as child
        inner join clean.support_tickets as parent
            on child.merged_into_ticket_id = parent.ticket_id
        where
            parent.merged_into_ticket_id is not null
            or child.topic <> parent.topic
            or child.account_id <> parent.account_id
    """
    assert value(world, chains) == 0
    assert value(world, "select count(merged_into_ticket_id) from clean.support_tickets") > 1


@pytest.mark.parametrize(
    "condition",
    [
        "exists (from clean.subscriptions where is_trial)",
        "exists (from clean.accounts where parent_account_id is not null)",
        "exists (from clean.ticket_events where status = 'reopened')",
        "exists (from clean.payments where kind = 'refund')",
        "exists (from clean.payments where kind = 'credit_note')",
        "exists (from clean.payments where status = 'failed')",
        "exists (from clean.users where is_executive_sponsor and left_at is not null)",
        "exists (select account_id from clean.users where is_champion group by account_id"
        " having bool_and(left_at is not null))",
        "exists (from clean.users where is_internal)",
        "exists (from clean.touchpoints where is_automated)",
        "exists (from clean.pulses where value = 'red')",
        "exists (from clean.trainings where expires_at < '2026-06-28')",
        "exists (from clean.survey_responses where responded_at is null)",
        "exists (from clean.usage_events where user_id is null)",
        "(select count(distinct currency) from clean.subscriptions) >= 4",
        "(select count(distinct plan) from clean.accounts) = 3",
        "(select count(distinct region) from clean.accounts) = 3",
        "(select count(*) from clean.product_features) = 30",
        "(select max(n) from (select count(*) as n from clean.accounts group by account_id)) > 1",
        "(select max(n) from (select count(distinct seats) as n from clean.subscriptions"
        " where not is_trial group by subscription_id)) > 1",
    ],
)
def test_world_is_full(world: duckdb.DuckDBPyConnection, condition: str) -> None:
    assert value(world, f"select {condition}")


def test_holidays_are_quiet(world: duckdb.DuckDBPyConnection) -> None:
    christmas, before = rows(
        world,
        """
        select
            count(*) filter (where occurred_at::date = '2025-12-25'),
            count(*) filter (where occurred_at::date = '2025-12-18')
        from clean.usage_events
        """,
    )[0]
    assert 0 < christmas < 0.6 * before


# Planted cases.


@pytest.fixture(scope="module")
def planted(manifest: dict) -> dict[str, str]:
    return manifest["planted_cases"]


def test_schools_differ_in_students_only(
    world: duckdb.DuckDBPyConnection, planted: dict[str, str]
) -> None:
    students = {}
    for name in ("school_800", "school_1000"):
        account = planted[name]
        students[name] = value(
            world, f"select max(students) from clean.accounts where account_id = '{account}'"
        )
        seats = f"select max(seats) from clean.subscriptions where account_id = '{account}'"
        assert value(world, seats) == 1000
        people = value(
            world,
            f"""
            select count(distinct user_id)
            from clean.usage_events
            where account_id = '{account}' and occurred_at >= date '2026-06-29' - interval 28 day
            """,
        )
        assert people == 700
    assert students == {"school_800": 800, "school_1000": 1000}


@pytest.mark.parametrize(
    ("name", "days", "questions"),
    [
        ("pricing_three_days", [1, 2, 3], 1),
        ("pricing_with_gap", [1, 2, 4], 1),
        ("pricing_six_days", [1, 2, 3, 4, 5, 6], 1),
        ("pricing_no_question", [1, 2, 3], 0),
    ],
)
def test_pricing_page_days(
    world: duckdb.DuckDBPyConnection,
    planted: dict[str, str],
    name: str,
    days: list[int],
    questions: int,
) -> None:
    visits = rows(
        world,
        f"""
        select distinct occurred_at::date - date '2026-04-29' as day
        from clean.usage_events
        where account_id = '{planted[name]}' and feature_key = 'pricing_page'
        order by day
        """,
    )
    assert [day for (day,) in visits] == days
    asked = rows(
        world,
        f"""
        select opened_at::date - date '2026-04-29'
        from clean.support_tickets
        where account_id = '{planted[name]}' and kind = 'question'
        """,
    )
    assert asked == [(days[-1] + 1,)] * questions


def test_steady_and_burst_use_last_equally_long(
    world: duckdb.DuckDBPyConnection, planted: dict[str, str]
) -> None:
    use = """
        select user_id, count(distinct occurred_at::date), sum(duration_seconds) / 60
        from clean.usage_events
        where account_id = '{}' and occurred_at > timestamp '2026-06-29' - interval 28 day
        group by all
        order by all
    """
    steady = rows(world, use.format(planted["steady_use"]))
    burst = rows(world, use.format(planted["burst_use"]))
    assert [row[1:] for row in steady] == [(20, 400)] * 5
    assert [row[1:] for row in burst] == [(1, 400)] * 5


def test_sudden_and_slow_falls_end_alike(
    world: duckdb.DuckDBPyConnection, planted: dict[str, str]
) -> None:
    users = """
        select count(distinct user_id)
        from clean.usage_events
        where account_id = '{}' and occurred_at::date = date '{}'
    """
    for name, two_weeks_ago in (("sudden_decline", 10), ("slow_drift", 2)):
        assert value(world, users.format(planted[name], "2026-06-12")) == two_weeks_ago
        assert value(world, users.format(planted[name], "2026-06-26")) <= 2


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        (
            "negative_review",
            "(select count(*) = 2 and count(distinct advocacy_event_id) = 1 from advocacy_events"
            " where account_id = $id and advocacy_event_id like '%planted')",
        ),
        (
            "red_pulse",
            "exists (from clean.pulses where account_id = $id and value = 'red'"
            " and expires_at > '2026-06-29')",
        ),
        (
            "expired_red_pulse",
            "(select count(*) = 1 and max(expires_at) < '2026-06-28' from clean.pulses"
            " where account_id = $id)",
        ),
        (
            "overdue_invoice",
            "exists (from clean.invoices where account_id = $id and due_on < '2026-04-29'"
            " and invoice_id not in (select invoice_id from clean.payments"
            " where coalesce(status, 'succeeded') = 'succeeded'))",
        ),
        (
            "voided_invoice",
            "exists (select invoice_id from clean.invoices inner join clean.payments"
            " using (invoice_id) where invoices.account_id = $id and kind = 'credit_note'"
            " and payments.amount = invoices.amount)",
        ),
        (
            "sponsor_left",
            "(select count(*) = 1 and count(left_at) = 1 from clean.users"
            " where account_id = $id and is_executive_sponsor)",
        ),
        ("silent", "not exists (from clean.touchpoints where account_id = $id)"),
        ("silent", "not exists (from clean.support_tickets where account_id = $id)"),
        ("silent", "exists (from clean.usage_events where account_id = $id)"),
        ("no_data", "exists (from clean.subscriptions where account_id = $id)"),
        ("no_data", "not exists (from clean.usage_events where account_id = $id)"),
        ("no_data", "not exists (from clean.users where account_id = $id)"),
        ("no_data", "not exists (from clean.invoices where account_id = $id)"),
        (
            "short_gap",
            "(select count(distinct subscription_id) = 2 from clean.subscriptions"
            " where account_id = $id)",
        ),
        (
            "reactivated",
            "exists (from clean.churn_events where account_id = $id) and exists (from"
            " clean.subscriptions where account_id = $id and ends_on is null)",
        ),
        (
            "notice_given",
            "exists (from clean.subscriptions where account_id = $id"
            " and notice_given_on = '2026-06-08' and ends_on > '2026-06-28')",
        ),
        (
            "fresh",
            "(select min(starts_on) = '2026-06-24' from clean.subscriptions"
            " where account_id = $id)",
        ),
        (
            "seats_unknown",
            "(select count(seats) = 0 from clean.subscriptions where account_id = $id)",
        ),
        ("zero_seats", "(select max(seats) = 0 from clean.subscriptions where account_id = $id)"),
        (
            "repeat_topic",
            "(select count(*) = 3 and count(distinct topic) = 1"
            " and count(merged_into_ticket_id) = 1 from clean.support_tickets"
            " where account_id = $id)",
        ),
    ],
)
def test_planted_case_is_there(
    world: duckdb.DuckDBPyConnection, planted: dict[str, str], name: str, condition: str
) -> None:
    assert value(world, "select " + condition.replace("$id", f"'{planted[name]}'"))


# The truth beside the tables.


def test_draws_in_sql_are_uniform_and_unrelated() -> None:
    macros = (SCRIPTS / "lib" / "world" / "sql" / "macros.sql").read_text()
    with duckdb.connect() as db:
        db.execute(macros[: macros.index("-- Standard normal")].replace("$seed", "7"))
        mean, spread, related = db.execute(
            """
            select avg(one), stddev(one), corr(one, other)
            from (
                select uniform(range, 'one') as one, uniform(range, 'other') as other
                from range(200000)
            )
            """
        ).fetchone()
    assert abs(mean - 0.5) < 0.005
    assert abs(spread - 12**-0.5) < 0.005
    assert abs(related) < 0.01


def test_truth_covers_every_paying_week(world: duckdb.DuckDBPyConnection) -> None:
    missing = """
        select count(*)
        from truth.account_weeks
        inner join truth.lives using (account_id, spell)
        inner join truth.accounts using (account_id)
        where
            churn_probability_13w is null
            and case_name is null
            and as_of_date >= paid_from
            and as_of_date < coalesce(notice_given_on, '2999-01-01')
    """
    assert value(world, missing) == 0
    after_notice = """
        select count(churn_probability_13w)
        from truth.account_weeks
        inner join truth.lives using (account_id, spell)
        where as_of_date >= notice_given_on
    """
    assert value(world, after_notice) == 0


def test_use_goes_with_health(world: duckdb.DuckDBPyConnection) -> None:
    """Active people per seat, in the weeks of best and of worst health."""
    low, high = rows(
        world,
        """
        with active as (
            select
                account_weeks.account_id,
                as_of_date,
                any_value(health) as health,
                count(distinct user_id) / any_value(seats) as share
            from truth.account_weeks
            inner join truth.accounts using (account_id)
            inner join clean.usage_events
                on usage_events.account_id = account_weeks.account_id
                and occurred_at::date between as_of_date - 6 and as_of_date
            inner join clean.subscriptions
                on subscriptions.account_id = account_weeks.account_id
                and subscriptions.product_id = 'workspace'
                and as_of_date >= starts_on
                and as_of_date <= coalesce(ends_on, '2999-01-01')
            where case_name is null and not is_api_heavy
            group by account_weeks.account_id, as_of_date
        )

        select
            avg(share) filter (where health < -1),
            avg(share) filter (where health > 1)
        from active
        """,
    )[0]
    assert high > 1.2 * low


# The second world.


@pytest.fixture(scope="module")
def shifted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same size in the other shape: raw tables by name (dirt and all), the truth in `truth`."""
    folder = tmp_path_factory.mktemp("shifted")
    parameters = replace(SMALL, accounts=300, weeks=104, events=60_000)
    raw = make(folder, parameters, shape=SHIFTED)
    db = duckdb.connect()
    db.execute("create schema truth")
    for path in (folder / "truth").glob("*.parquet"):
        db.execute(f"create view truth.{path.stem} as from '{path}'")
    for table in CONTRACT:
        db.execute(f"create view {table} as from '{raw / table}.parquet'")
    yield db
    db.close()


def test_the_shape_is_told_with_the_truth_only(tmp_path: Path) -> None:
    raw = make(tmp_path, shape=SHIFTED)
    shape = json.loads((tmp_path / "truth" / "manifest.json").read_text())["shape"]
    assert shape["name"] == "shifted"
    assert shape["hazard_per_health"] == {"first": 0.95, "last": 0.6}
    assert "shifted" not in (raw / "manifest.json").read_text()


def test_both_worlds_differ_in_every_table_of_behaviour(tmp_path: Path) -> None:
    one, other = (digests(make(tmp_path / shape.name, shape=shape)) for shape in WORLDS.values())
    behaviour = {"usage_events", "support_tickets", "ticket_events", "calendar_days"}
    assert all(one[f"{table}.parquet"] != other[f"{table}.parquet"] for table in behaviour)
    assert one["accounts.parquet"] == other["accounts.parquet"]


def test_the_other_season_is_quiet_and_summer_is_not(shifted: duckdb.DuckDBPyConnection) -> None:
    """Events a day of European accounts in three weeks of 2026 and 2025, against those before."""

    def against_before(first: str) -> float:
        inside, before = rows(
            shifted,
            f"""
            select
                count(*) filter (where occurred_at::date >= date '{first}'),
                count(*) filter (where occurred_at::date < date '{first}')
            from usage_events
            inner join (select distinct account_id, region from accounts) using (account_id)
            where
                region = 'eu'
                and occurred_at >= date '{first}' - 14
                and occurred_at < date '{first}' + 14
            """,
        )[0]
        return inside / before

    assert against_before("2026-02-09") < 0.75
    assert against_before("2025-08-04") > 0.85
    kinds = "select distinct name from calendar_days where kind = 'season'"
    assert {("winter break",), ("year end",)} <= set(rows(shifted, kinds))
    assert ("summer break",) not in rows(shifted, kinds)


def test_from_keen_accounts_tickets_mean_engagement(shifted: duckdb.DuckDBPyConnection) -> None:
    """Tickets a week in good health over those in bad health; half time on, health tells less."""
    ratio = dict(
        rows(
            shifted,
            """
            with weeks as (
                select account_weeks.*, is_keen
                from truth.account_weeks
                inner join truth.accounts using (account_id)
                where case_name is null
            ),
            asked as (
                select account_id, date_trunc('week', opened_at)::date + 6 as as_of_date, count(*) as n
                from support_tickets
                group by all
            )
            select
                is_keen,
                (avg(coalesce(n, 0)) filter (where health > 0.3))
                / (avg(coalesce(n, 0)) filter (where health < -0.3))
            from weeks
            left join asked using (account_id, as_of_date)
            group by is_keen
            """,
        )
    )
    assert ratio[True] > 1.2 and ratio[False] < 0.9
    share = value(
        shifted, "select avg(is_keen::int) from truth.accounts where case_name is null"
    )
    assert share == pytest.approx(SHIFTED.keen_share, abs=0.07)


def test_nobody_is_keen_in_the_default_world(world: duckdb.DuckDBPyConnection) -> None:
    assert value(world, "select count(*) from truth.accounts where is_keen") == 0


def test_what_is_not_in_the_contract_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="no query for contract table novelty"):
        build.generate(
            {**CONTRACT, "novelty": CONTRACT["users"]}, TINY, tmp_path / "raw", tmp_path / "truth"
        )
