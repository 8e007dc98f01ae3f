"""Whatever lies in the raw tables and the seeds: a clear message, or a build in which nothing is lost and
every score keeps its bounds.

Values are spoilt in tables in memory, over which the models run as dbt compiled them for a shared warehouse: a
build then takes a second. Files and names are spoilt on disk, and built by dbt. FUZZ_EXAMPLES=500 looks for more.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import load_raw
from lib.contract import Column, duckdb_type, read_contract
from lib.scorecard.definition import Definition, ScorecardError
from lib.scorecard.lints import warnings
from support.dbt import PROJECT, failure_text, raw_tables, run_dbt
from support.worlds import World

CONTRACT = read_contract(PROJECT)
ACCOUNTS = 8
THOROUGH = "FUZZ_EXAMPLES" in os.environ

few_examples = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "8")),
    deadline=None,
    derandomize=not THOROUGH,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

TEXTS = (
    "", " ", "\t\n", "none", "null", "NaN", "any", "all", "0", "-1", "true", "default", "a/b", "a|b", "a,b",
    "'; drop table raw.accounts; --", '"; drop schema raw cascade; --', "' or '1'='1", "$1", "%s", "\\", "\\'",
    "{{ env_var('HOME') }}", "{% do run_query('drop table raw.accounts') %}", "{# #}", "ä", "e\u0301", "ß", "İ",
    "\u200b", "\u00a0", "\ufeff", "\u202egnp.exe", "مرحبا", "👩‍👩‍👧‍👦", "a\x00b", "\x07", "a\r\nb", "\U0010ffff",
)  # fmt: skip
LONG = "x" * 10_000_000
DAYS = (
    "0001-01-01", "0044-03-15 (BC)", "1582-10-10", "1900-01-01", "1970-01-01", "2024-02-29", "2026-01-01",
    "2026-03-29", "2026-10-25", "2038-01-20", "9999-12-31", "10000-01-01", "290000-01-01", "infinity", "-infinity",
)  # fmt: skip
CLOCK = ("00:00:00", "02:30:00", "23:59:59.999999")
WHOLES = ("0", "-1", "1", "2147483648", "999999999999", "9223372036854775807", "-9223372036854775808")
FLOATS = ("nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "-0.0", "0.5", "1e12", "9.3e18", "999999999999.99")
# Types that come for a contract type, with values that it may not hold.
WIDER = {
    "bigint": ("DOUBLE", "FLOAT", "HUGEINT", "DECIMAL(38,6)"),
    "decimal": ("DOUBLE", "FLOAT", "HUGEINT", "DECIMAL(38,10)", "BIGINT"),
    "timestamp": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_NS"),
}  # fmt: skip


@dataclass(frozen=True)
class Spoilt:
    """A column in another type of its family, in which every nth row has another value."""

    table: str
    column: str
    data_type: str
    value: str | None
    every: int


def kind(column: Column) -> str:
    return column.data_type.split("(")[0]


def junk(data_type: str) -> Sequence[str]:
    """What may stand in a column of a DuckDB type."""
    if data_type == "VARCHAR":
        return TEXTS
    if data_type == "BOOLEAN":
        return ("true", "false")
    if data_type == "DATE":
        return DAYS
    if data_type.startswith("TIMESTAMP"):
        return [f"{day} {clock}" for day in DAYS if day[-1].isdigit() for clock in CLOCK] + list(DAYS[-2:])
    return (*WHOLES, *FLOATS)


@st.composite
def spoilt(draw: st.DrawFn) -> Spoilt:
    table = draw(st.sampled_from(sorted(CONTRACT)))
    column = draw(st.sampled_from(CONTRACT[table].columns))
    data_type = draw(st.sampled_from((duckdb_type(column.data_type), *WIDER.get(kind(column), ()))))
    values = st.sampled_from(junk(data_type))
    if data_type == "VARCHAR":
        values |= st.text(max_size=20)
    elif kind(column) in ("bigint", "decimal"):
        values |= st.floats(width=32).map(str) | st.integers(-(2**63), 2**63 - 1).map(str)
    value = draw(st.none() | values)
    if table == "usage_events" and kind(column) == "timestamp" and (value or "")[:4] > "2026":
        # What use speaks of is the data's clock: a century of scored days would follow (README, Dirty data).
        value = None
    return Spoilt(table, column.name, data_type, value, draw(st.sampled_from((1, 2, 3, 7, 50))))


class Company:
    """A few accounts of a built world, and the models that make marts of them, in memory."""

    def __init__(self, world: World, target: Path) -> None:
        self.connection = duckdb.connect()
        run = self.connection.execute
        run("set TimeZone = 'UTC'")
        # The compiled SQL names its database after the file.
        run(f"attach ':memory:' as {world.database.stem}")
        run(f"attach '{world.database}' as shared (read_only)")
        run(f"use {world.database.stem}")
        for schema in ("raw", "kept", "staging", "intermediate", "marts"):
            run(f"create schema {schema}")
        self._load(world.raw)
        self.models = [*self._models(world, target)]

    def _load(self, raw: Path) -> None:
        """Copies of the raw tables, without what belongs to other accounts."""
        run = self.connection.execute
        few = f"select account_id from '{raw}/accounts.parquet' group by 1 order by 1 limit {ACCOUNTS}"
        for table, shape in CONTRACT.items():
            kept = f"where account_id in ({few})" if "account_id" in shape.column_names else ""
            run(f"create table kept.{table} as select * from '{raw}/{table}.parquet' {kept}")
            run(f"create table raw.{table} as select * from kept.{table}")

    def _models(self, world: World, target: Path) -> Iterable[tuple[str, str, bool, str]]:
        """Schema, name, whether it is a view, and SQL, in an order in which they can be built."""
        parsed = run_dbt(
            ("parse",), raw=world.raw, target_path=target, db=world.database, seeds=world.seeds,
            vars=world.vars,
        )  # fmt: skip
        nodes = {key: node.to_dict() for key, node in parsed.result.nodes.items()}
        done: set[str] = set()

        def before(key: str) -> Iterable[dict]:
            node = nodes.get(key, {})
            if node.get("resource_type") == "model" and key not in done:
                done.add(key)
                for parent in node["depends_on"]["nodes"]:
                    yield from before(parent)
                yield node

        for node in (one for key in sorted(nodes) for one in before(key)):
            relation, is_view = f"{node['schema']}.{node['name']}", node["config"]["materialized"] == "view"
            if node["path"].startswith("staging/scorecard"):
                if not is_view:
                    self.connection.execute(f"create table {relation} as select * from shared.{relation}")
                continue
            if node["schema"] == "marts":
                self.connection.execute(f"create table {relation} as select * from shared.{relation} limit 0")
            path = world.target / "compiled" / "customer_health" / node["original_file_path"]
            yield node["schema"], node["name"], is_view, path.read_text(encoding="utf-8")

    def spoil(self, changes: Sequence[Spoilt]) -> None:
        """Put changes into the raw tables; what a type cannot hold is left as it was."""
        for table in CONTRACT:
            self.connection.execute(f"create or replace table raw.{table} as select * from kept.{table}")
        for one in changes:
            try:
                self.connection.execute(f"alter table raw.{one.table} alter {one.column} type {one.data_type}")
                self.connection.execute(
                    f"update raw.{one.table} set {one.column} = cast(? as {one.data_type})"
                    f" where rowid % {one.every} = 0",
                    [one.value],
                )
            except duckdb.Error:
                continue

    def build(self) -> None:
        """The models; a mart is filled in the types of its contract, as dbt does."""
        for schema, name, is_view, sql in self.models:
            relation = f"{schema}.{name}"
            if schema == "marts":
                self.connection.execute(f"delete from {relation}")
                statement = f"insert into {relation} by name {sql}"
            else:
                statement = f"create or replace {'view' if is_view else 'table'} {relation} as {sql}"
            try:
                self.connection.execute(statement)
            except duckdb.Error as error:
                raise AssertionError(f"{relation}: {str(error)[:500]}") from error

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def failing(self, name: str) -> list[tuple]:
        """The rows that one of the project's own tests would report."""
        sql = (PROJECT / "tests" / f"{name}.sql").read_text(encoding="utf-8")
        return self.rows(re.sub(r"{{ (?:tested_rows\()?ref\('(\w+)'\)+ }}", r"marts.\1", sql))


@pytest.fixture(scope="module")
def company(
    worlds: Callable[[str], World], tmp_path_factory: pytest.TempPathFactory
) -> Company:
    return Company(worlds("weekly"), tmp_path_factory.mktemp("parsed"))


def assert_nothing_is_lost(company: Company) -> None:
    """Staged, rejected, duplicates and conflicts are the raw rows, in staging and on the last day of source_health."""
    health = {
        row[0]: row[1:]
        for row in company.rows("""
            select source_id, rows_raw, rows_staged, rows_rejected, rows_conflict from marts.source_health
            where as_of_date = (select max(as_of_date) from marts.source_health)
        """)
    }
    for table, shape in CONTRACT.items():
        ((raw, base, duplicates, staged, rejected, conflicts),) = company.rows(f"""
            select
                (select count(*) from raw.{table}),
                (select count(*) from staging.base_{shape.source}__{table}),
                (
                    select count(*) from staging.base_{shape.source}__{table}
                    where row_fate = 'duplicate'
                ),
                (select count(*) from staging.stg_{shape.source}__{table}),
                (select count(*) from staging.{table}_rejects),
                (select count(*) from staging.{table}_conflicts)
        """)
        assert (table, raw) == (table, base) == (
            table, staged + rejected + duplicates + conflicts
        )
        counted = (raw, staged, rejected, conflicts)
        assert health.get(table, counted) == counted, table


def assert_scores_keep_their_bounds(company: Company) -> None:
    assert not company.rows("""
        select * from marts.account_health_daily
        where
            health_score not between 0 and 100
            or data_score not between 0 and 100
            or coverage is null
            or coverage not between 0 and 1
            or not churn_probability between 0 and 1
            or (health_score is null) != (band = 'unknown')
    """)
    assert not company.failing("contributions_sum_to_score")
    # What is missing gives nothing: no points, no weight, no contribution.
    assert not company.rows("""
        select * from marts.health_contributions
        where
            not points between 0 and 100
            or not isfinite(coalesce(value, 0))
            or (
                contribution_kind = 'signal' and state != 'observed'
                and (points is not null or coalesce(effective_weight, 0) + coalesce(contribution, 0) != 0)
            )
    """)


def assert_names_are_verbatim(company: Company) -> None:
    """Keys come out as they went in, but for outer blanks; and nobody dropped a table."""
    for column in ("account_id", "parent_account_id", "account_name"):
        assert not company.rows(f"""
            select {column} from staging.stg_crm__accounts where {column} is not null
            except select trim({column}) from raw.accounts
        """)
    assert not company.rows("""
        select account_id from marts.account_health
        except select account_id from staging.stg_crm__accounts
    """)


@few_examples
@given(changes=st.lists(spoilt(), min_size=5, max_size=25))
def test_spoilt_values_lose_nothing_and_move_no_score_out_of_bounds(
    company: Company, changes: list[Spoilt]
) -> None:
    company.spoil(changes)
    company.build()
    assert_nothing_is_lost(company)
    assert_scores_keep_their_bounds(company)
    assert_names_are_verbatim(company)


@pytest.mark.parametrize("value", ["nan", "1e308", "999999999999"])
def test_a_number_in_every_column_at_once(company: Company, value: str) -> None:
    """As DOUBLE, in a third of the rows; the last is the largest that is taken."""
    company.spoil(
        [
            Spoilt(table, column.name, "DOUBLE", value, 3)
            for table, shape in CONTRACT.items()
            for column in shape.columns
            if kind(column) in ("bigint", "decimal")
        ]
    )
    company.build()
    assert_nothing_is_lost(company)
    assert_scores_keep_their_bounds(company)
    # What is no number is not given: the row, and the paid days in it, stay.
    # Copies of which one was spoilt disagree, and then neither number is known.
    ((unknown,),) = company.rows("""
        select count(*) filter (seats is null and monthly_recurring_revenue is null)
        from staging.stg_billing__subscriptions
        where subscription_id not in (
            select subscription_id from staging.subscriptions_conflicts
            where conflict_reason = 'in_part'
        )
    """)
    assert (unknown > 0) == (value != "999999999999")


# Instead of the names of accounts and users in the raw tables.
HOSTILE = [text for text in TEXTS if text.strip(" ")]


def test_names_are_only_names(company: Company) -> None:
    """Under hostile names the same accounts have the same scores."""
    columns = "as_of_date, health_score, data_score, band, coverage, segment_id, recurring_revenue"
    query = f"select account_id, {columns} from marts.account_health_daily order by all"
    company.spoil([])
    company.build()
    before = company.rows(query)
    accounts = sorted({row[0] for row in company.rows("select account_id from raw.accounts where account_id <> ''")})
    # In the order of the names: of a key that two accounts have, the larger account_id stays.
    names = [text for text in HOSTILE if set("';{$%\u202e") & set(text)][:ACCOUNTS]
    called = dict(zip(accounts, sorted(names)))
    assert len(called) == len(accounts)
    for name, hostile in called.items():
        for table, shape in CONTRACT.items():
            for column in {"account_id", "parent_account_id"} & set(shape.column_names):
                company.connection.execute(
                    f"update raw.{table} set {column} = ? where trim({column}) = ?", [hostile, name]
                )
    for table, shape in CONTRACT.items():
        for column in {"account_name", "full_name", "email", "reason", "objective"} & set(
            shape.column_names
        ):
            company.connection.execute(
                f"update raw.{table} set {column} = case rowid when 0 then ? else list_extract(?, 1 + rowid % 9) end",
                [LONG, HOSTILE[:9]],
            )
    company.build()
    after = company.rows(query)
    assert sorted((called[row[0]], *row[1:]) for row in before) == sorted(after)
    assert_nothing_is_lost(company)


# --- files ----------------------------------------------------------------------------------------


def rewritten(raw: Path, table: str, select: str) -> None:
    """Replace the file of a table by what a query over it, called old, gives."""
    file = raw / f"{table}.parquet"
    new = file.with_suffix(".new")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.read_parquet(str(file)).create_view("old")
        connection.sql(select).write_parquet(str(new))
    new.replace(file)


@pytest.fixture
def raw(worlds: Callable[[str], World], tmp_path: Path) -> Path:
    """A copy of raw tables, in a folder whose name a careless statement would run."""
    folder = tmp_path / "it's {{ raw }}"
    shutil.copytree(worlds("weekly").raw, folder)
    return folder


# Staging and what is counted of it, with the project's test that nothing is lost.
STAGED = (
    "build", "--select", "+source_health", "path:models/staging", "every_raw_row_has_one_fate",
    "--indirect-selection", "empty",
)  # fmt: skip


def test_columns_that_cannot_be_what_they_should_are_all_named(raw: Path, tmp_path: Path) -> None:
    """A type that merely looks like no text, date or flag is no number."""
    wrong = {
        "usage_events": ("occurred_at", "1", "integer"),
        "subscriptions": ("seats", "'many'", "varchar"),
        "accounts": ("employees", "interval 1 day", "interval"),
        "invoices": ("amount", "'1'::blob", "blob"),
        "payments": ("amount", "{'a': 1}", "struct(a integer)"),
        "pulses": ("set_at", "time '02:30:00'", "time"),
        "trainings": ("completed_at", "date '2026-03-29'", "date"),
        "users": ("is_internal", "1", "integer"),
        "support_tickets": ("sentiment", "[1]", "integer[]"),
    }
    for table, (column, value, _) in wrong.items():
        rewritten(raw, table, f"select * replace ({value} as {column}) from old")
    rewritten(raw, "survey_responses", "select * exclude (kind, ticket_id) from old")
    result = run_dbt(STAGED, raw=raw, target_path=tmp_path / "target", fails=True)
    said = failure_text(result)
    for table, (column, _, found) in wrong.items():
        assert f"raw.{table}.{column} is {found}, the contract says " in said
    assert "raw.survey_responses lacks the column kind (string): add it\n" in said
    assert "raw.survey_responses lacks the column ticket_id (string): add it, all null" in said
    assert len(said.splitlines()) < 20


@pytest.mark.parametrize("content", [b"", b"account_id,plan\n"])
def test_a_file_that_cannot_be_read_is_named(raw: Path, tmp_path: Path, content: bytes) -> None:
    (raw / "accounts.parquet").write_bytes(content)
    result = run_dbt(STAGED, raw=raw, target_path=tmp_path / "target", fails=True)
    assert f"{raw}/accounts.parquet" in failure_text(result)


def test_parts_and_columns_in_any_order_and_case(raw: Path, tmp_path: Path) -> None:
    """A column that came later, others that nobody asked for, and numbers of two types."""
    rewritten(raw, "accounts", "select loaded_at as LOADED_AT, * exclude (loaded_at), 1 as \"drop table\" from old")
    shutil.copy(raw / "users.parquet", tmp_path / "later.parquet")
    rewritten(raw, "users", "select * exclude (role) from old where hash(user_id) % 2 = 0")
    rewritten(tmp_path, "later", "select loaded_at, * exclude (loaded_at) from old where hash(user_id) % 2 = 1")
    # A folder may be called like a file and hold folders, as Spark writes it; another is called like its table.
    (raw / "users.parquet").rename(tmp_path / "1.parquet")
    (raw / "users.parquet" / "year=2026").mkdir(parents=True)
    (tmp_path / "1.parquet").rename(raw / "users.parquet" / "1.parquet")
    (tmp_path / "later.parquet").rename(raw / "users.parquet" / "year=2026" / "2.parquet")
    (raw / "accounts").mkdir()
    (raw / "accounts.parquet").rename(raw / "accounts" / "1.parquet")
    raw = raw.rename(raw.with_name("it's [1] * ?"))
    assert list(load_raw.parquet_tables(raw)) == raw_tables(raw)
    database = tmp_path / "target" / "warehouse.duckdb"
    run_dbt(STAGED, raw=raw, target_path=database.parent)
    with duckdb.connect(str(database), read_only=True) as connection:
        ((users, roles),) = connection.execute("select count(*), count(role) from staging.stg_crm__users").fetchall()
    assert users > roles > 0


def test_tables_without_rows(raw: Path, tmp_path: Path) -> None:
    for table in CONTRACT:
        rewritten(raw, table, "select * from old limit 0")
    run_dbt(STAGED, raw=raw, target_path=tmp_path / "target")


# --- seeds ----------------------------------------------------------------------------------------

CELLS = (
    *(text for text in TEXTS if "\x00" not in text), *DAYS, *WHOLES, *FLOATS,
    "1e400", "1,5", "1_000", "0x10", "+5", ".5", "5.", "05", "½", "١٢", "today", " standard", "TRUE", "standard",
    "x" * 100_000,
)  # fmt: skip
# What becomes of the bytes of a file.
BYTES: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda text: text,
    "mark before UTF-8": lambda text: b"\xef\xbb\xbf" + text,
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "blank lines": lambda text: text + b"\n\n",
    "Latin-1": lambda text: text + "é".encode("latin-1"),
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "semicolons": lambda text: text.replace(b",", b";"),
    "tabs": lambda text: text.replace(b",", b"\t"),
    "a quote": lambda text: text + b'"',
    "NUL": lambda text: text + b"\x00",
    "a cell more": lambda text: text[:-1] + b",x\n",
    "a column less": lambda text: re.sub(rb"(?m)^[^,\n]*,", b"", text),
    "only the first line": lambda text: text.partition(b"\n")[0] + b"\n",
    "nothing": lambda text: b"",
}
SEEDS = PROJECT / "seeds" / "scorecard"


@st.composite
def spoilt_seeds(draw: st.DrawFn) -> dict[str, bytes]:
    """A few seeds, in which a cell or the whole file is not what it should be."""
    spoilt = {}
    for path in draw(st.lists(st.sampled_from(sorted(SEEDS.glob("*.csv"))), min_size=1, max_size=3, unique=True)):
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        for _ in range(draw(st.integers(0, 2)) if len(rows) > 1 else 0):
            row = rows[draw(st.integers(1, len(rows) - 1))]
            row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(CELLS) | st.text(max_size=9))
        lines = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)
        text = "".join(lines).encode("utf-8", "replace")
        # Most files are whole: the cells of the others are not looked at.
        how = draw(st.sampled_from([*BYTES, *["as it is"] * len(BYTES)]))
        spoilt[path.name] = BYTES[how](text)
    return spoilt


@few_examples
@given(seeds=spoilt_seeds())
def test_spoilt_seeds_are_refused_with_a_mend(
    tmp_path_factory: pytest.TempPathFactory, seeds: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("spoilt") / "scorecard"
    shutil.copytree(SEEDS, folder)
    for name, content in seeds.items():
        (folder / name).write_bytes(content)
    with Definition(PROJECT, folder) as definition:
        try:
            said = definition.errors() or warnings(definition, date(2026, 7, 1))[:0]
        except ScorecardError as error:
            said = [str(error)]
            assert any(f"{folder / name}" in said[0] for name in seeds), said[0]
    for message in said:
        assert re.search(r"(?s)[.]csv[:,].*[.:] .*Mend: ", message), message
