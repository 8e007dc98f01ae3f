"""scripts/import_raw.py: what it writes, and that every mistake is one message and no change."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import import_raw
from lib.contract import duckdb_type, read_contract

PROJECT_DIR = Path(__file__).resolve().parents[1]
RAVENSTACK = PROJECT_DIR / "../shared/data/ravenstack"
RAVENSTACK_MAPPING = PROJECT_DIR / "examples/ravenstack"
CONTRACT = read_contract(PROJECT_DIR)

# The least that can be imported: every required column of every required table.
MAPPING = {
    "accounts": "select id as account_id from customers",
    "subscriptions": """
        select 'S-' || id as subscription_id, id as account_id, since as starts_on from customers
    """,
    "usage_events": """
        select 'E-' || id as event_id, id as account_id, since as occurred_at from customers
    """,
}
CUSTOMERS = "id,since,seats\n007,2024-01-31,10\n008,2024-02-29,\n"


class Company:
    """A folder with files, a mapping and a target, and the command run on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.source, self.mapping = folder / "files", folder / "mapping"
        self.target = folder / "raw"
        self._capsys = capsys
        self.source.mkdir()
        self.mapping.mkdir()
        self.write("customers.csv", CUSTOMERS)
        for table, select in MAPPING.items():
            self.map(table, select)

    def write(self, name: str, text: str) -> None:
        (self.source / name).write_text(text, encoding="utf-8")

    def map(self, table: str, select: str) -> None:
        (self.mapping / f"{table}.sql").write_text(select, encoding="utf-8")

    def run(self) -> tuple[int, str, str]:
        """Exit status, output and errors."""
        status = import_raw.main(
            ["--mapping", str(self.mapping), "--from", str(self.source), "--to", str(self.target)]
        )
        printed = self._capsys.readouterr()
        return status, printed.out, printed.err

    def succeeds(self) -> str:
        status, out, err = self.run()
        assert (status, err) == (0, ""), err
        self.no_leftovers()
        return out

    def fails(self, *expected: str) -> str:
        """The one message, after making sure that nothing was written and nothing else printed."""
        before = self.contents()
        status, out, err = self.run()
        assert status == 1
        assert err.startswith("error: ") and err.count("error: ") == 1
        for text in expected:
            assert text in err
        assert "Traceback" not in err and "Next" not in out
        assert self.contents() == before
        self.no_leftovers()
        return err

    def contents(self) -> dict[str, bytes] | None:
        if not self.target.is_dir():
            return None
        return {path.name: path.read_bytes() for path in self.target.iterdir() if path.is_file()}

    def no_leftovers(self) -> None:
        assert not list(self.target.parent.glob(".*")), "temporary folders stay behind"

    def rows(self, table: str, columns: str) -> list[tuple]:
        path = self.target / f"{table}.parquet"
        return duckdb.read_parquet(str(path)).project(columns).order("all").fetchall()


@pytest.fixture
def company(tmp_path, capsys, monkeypatch) -> Company:
    # Reading the sources files takes longer than most imports here.
    monkeypatch.setattr(import_raw, "read_contract", lambda _: CONTRACT)
    return Company(tmp_path, capsys)


def with_column(table: str, column: str, value: str) -> str:
    """The smallest mapping of a table, with one column more or another value in one."""
    if f" as {column}" not in MAPPING[table]:
        return MAPPING[table].replace("from customers", f", {value} as {column} from customers")
    return f"select * replace ({value} as {column}) from ({MAPPING[table]})"


# --- what it writes ---


def test_writes_the_contracts_columns_order_and_types(company):
    company.succeeds()
    assert sorted(path.name for path in company.target.iterdir()) == [
        "accounts.parquet", "subscriptions.parquet", "usage_events.parquet"
    ]  # fmt: skip
    for name in MAPPING:
        written = duckdb.read_parquet(str(company.target / f"{name}.parquet"))
        assert tuple(written.columns) == CONTRACT[name].column_names
        assert [str(kind) for kind in written.types] == [
            duckdb_type(column.data_type) for column in CONTRACT[name].columns
        ]
    assert company.rows("accounts", "account_id, account_name, loaded_at") == [
        ("007", None, None), ("008", None, None)
    ]  # fmt: skip
    assert company.rows("usage_events", "occurred_at")[0] == (datetime(2024, 1, 31),)


def test_says_what_it_wrote_and_what_comes_next(company):
    out = company.succeeds()
    assert [line.split() for line in out.splitlines()[:3]] == [
        ["subscriptions", "2", "rows"], ["accounts", "2", "rows"], ["usage_events", "2", "rows"]
    ]  # fmt: skip
    assert "not filled" in out and "support_tickets" in out
    assert out.rstrip().endswith(f"make build RAW={company.target} DB=warehouse/raw_health.duckdb")


def test_runs_as_a_command_from_any_folder(company, tmp_path):
    script = [sys.executable, str(PROJECT_DIR / "scripts/import_raw.py")]
    folders = ["--mapping", "mapping", "--from", "files", "--to", "new/raw"]
    done = subprocess.run([*script, *folders], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    company.target = tmp_path / "new/raw"
    assert company.rows("accounts", "account_id") == [("007",), ("008",)]
    shown = subprocess.run([*script, "--help"], capture_output=True, text=True)
    assert shown.returncode == 0 and "--mapping DIR" in shown.stdout


def test_same_result_from_csv_parquet_and_json(company):
    company.succeeds()
    expected = [company.rows(table, "*") for table in MAPPING]
    customers = company.source / "customers.csv"
    relation = duckdb.read_csv(str(customers), all_varchar=True)
    for name in ("customers.parquet", "customers.json", "customers.ndjson"):
        path = company.source / name
        if path.suffix == ".parquet":
            relation.write_parquet(str(path))
        else:
            as_array = ", array true" if path.suffix == ".json" else ""
            relation.query("r", f"copy r to '{path}' (format json {as_array})")
        customers.rename(company.source.parent / "aside")
        company.succeeds()
        assert [company.rows(table, "*") for table in MAPPING] == expected, name
        (company.source.parent / "aside").rename(customers)
        path.unlink()
    customers.unlink()
    with gzip.open(company.source / "customers.csv.gz", "wt") as file:
        file.write(CUSTOMERS)
    company.succeeds()
    assert [company.rows(table, "*") for table in MAPPING] == expected


def test_csv_values_are_text_and_empty_ones_null(company):
    company.write("odd.csv", '\ufeffid;text\r\n007;"a; ""b"""\r\n1e5;""\r\nNULL;\r\n')
    company.map("accounts", "select id as account_id, text as account_name from odd")
    company.succeeds()
    assert company.rows("accounts", "account_id, account_name") == [
        ("007", 'a; "b"'), ("1e5", None), ("NULL", None)
    ]  # fmt: skip


def test_json_keeps_zones_zeros_and_nested_values(company):
    company.write(
        "events.ndjson",
        '{"id": "007", "who": {"account": "a"}, "time": "2024-01-01T00:30:00+02:00"}\n'
        '{"id": "8", "who": {"account": null}, "time": "2024-01-02T00:30:00Z"}\n',
    )
    company.map(
        "usage_events",
        "select id as event_id, who.account as account_id, time as occurred_at from events",
    )
    company.succeeds()
    assert company.rows("usage_events", "event_id, account_id, occurred_at") == [
        ("007", "a", datetime(2023, 12, 31, 22, 30)), ("8", None, datetime(2024, 1, 2, 0, 30))
    ]  # fmt: skip


def test_linked_files_are_read(company, tmp_path):
    (company.source / "customers.csv").rename(tmp_path / "elsewhere.csv")
    (company.source / "customers.csv").symlink_to(tmp_path / "elsewhere.csv")
    company.succeeds()


def test_odd_names_of_files_folders_and_columns(company, tmp_path):
    company.source = company.source.rename(tmp_path / "it's [1] *")
    company.target = tmp_path / "raw [2] it's"
    company.write('we"ird; drop.csv', 'the "id\n1\n'.replace('the "id', '"the ""id"'))
    company.map("accounts", 'select "the ""id" as ACCOUNT_ID from "we""ird; drop" -- end;')
    assert f"'RAW={company.target.parent}" in company.succeeds()
    assert company.rows("accounts", "account_id") == [("1",)]


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"),
    [
        ("usage_events", "occurred_at", "'2024-01-01T01:00:00+02:00'", datetime(2023, 12, 31, 23)),
        ("usage_events", "occurred_at", "'2024-01-01 00:30'", datetime(2024, 1, 1, 0, 30)),
        ("usage_events", "occurred_at", "timestamptz '2024-07-01 00:00Z'", datetime(2024, 7, 1)),
        ("usage_events", "occurred_at", "date '2024-07-01'", datetime(2024, 7, 1)),
        ("subscriptions", "starts_on", "'2024-01-01T00:30:00+02:00'", date(2023, 12, 31)),
        ("subscriptions", "starts_on", "timestamp '2024-01-01 23:59:59'", date(2024, 1, 1)),
        ("subscriptions", "seats", "'12.0'", 12),
        ("subscriptions", "seats", "12.0::double", 12),
        ("subscriptions", "seats", "'9007199254740993'", 9007199254740993),
        ("subscriptions", "is_trial", "'Yes'", True),
        ("subscriptions", "is_trial", "0", False),
        ("subscriptions", "monthly_recurring_revenue", "'10.005'", Decimal("10.01")),
        ("subscriptions", "monthly_recurring_revenue", "0.1 + 0.2", Decimal("0.30")),
        ("subscriptions", "currency", "null", None),
    ],
)
def test_values_become_the_contracts(company, table, column, value, expected):
    company.map(table, with_column(table, column, value))
    company.succeeds()
    assert company.rows(table, column) == [(expected,)] * 2


def test_nulls_in_required_columns_are_counted_and_written(company):
    company.map("accounts", "select nullif(id, '007') as account_id from customers")
    out = company.succeeds()
    assert "account_id is null in 1 of them" in out
    assert company.rows("accounts", "account_id") == [("008",), (None,)]


def test_a_new_import_replaces_the_earlier_one_as_a_whole(company):
    company.map("products", "select 'p' as product_id")
    company.succeeds()
    (company.mapping / "products.sql").unlink()
    company.write("customers.csv", "id,since\n1,2024-01-01\n")
    company.succeeds()
    assert company.rows("accounts", "account_id") == [("1",)]
    assert not (company.target / "products.parquet").exists()


def test_long_work_shows_progress(company, monkeypatch):
    monkeypatch.setattr(import_raw, "HEARTBEAT_SECONDS", 0.01)
    company.map(
        "usage_events",
        """
        select i as event_id, md5(i::varchar) as account_id, '2024-01-01' as occurred_at
        from range(1000000) as numbers (i)
        """,
    )
    status, _, err = company.run()
    assert status == 0 and "usage_events ... " in err and "%" in err


# --- what it refuses ---


def test_missing_required_table(company):
    (company.mapping / "usage_events.sql").unlink()
    company.fails("required table usage_events is missing", "usage_events.sql")


def test_unknown_table(company):
    company.map("suport_ticket", "select 1 as ticket_id")
    company.fails("suport_ticket.sql: ", "no table of", "did you mean support_tickets?")


def test_unknown_table_unlike_any(company):
    company.map("zzz", "select 1 as x")
    company.fails("zzz.sql", "its tables are:", "accounts", "survey_responses")


def test_missing_required_column(company):
    company.map("usage_events", "select id as event_id, id as account_id from customers")
    company.fails("usage_events.sql", "required column occurred_at (timestamp)", "as occurred_at")


def test_unknown_column(company):
    company.map("accounts", "select id as account_id, 'x' as acount_name from customers")
    company.fails("accounts.sql", "acount_name is no column", "did you mean account_name?")


def test_unknown_column_unlike_any(company):
    company.map("accounts", "select id as account_id, 'x' as zzz from customers")
    company.fails("accounts.sql", "zzz is no column", "its columns are: valid_from, account_name")


def test_column_twice(company):
    company.map("accounts", 'select id as account_id, id as "Account_ID" from customers')
    company.fails("accounts.sql", "selected twice")


@pytest.mark.parametrize(
    ("table", "column", "value", "kind"),
    [
        ("subscriptions", "starts_on", "'31/12/2024'", "date"),
        ("subscriptions", "ends_on", "'2024-02-30'", "date"),
        ("subscriptions", "ends_on", "'infinity'", "date"),
        ("usage_events", "occurred_at", "1704067200", "timestamp"),
        ("usage_events", "occurred_at", "''", "timestamp"),
        ("subscriptions", "seats", "'3.7'", "bigint"),
        ("subscriptions", "seats", "3.7::double", "bigint"),
        ("subscriptions", "seats", "'ten'", "bigint"),
        ("subscriptions", "monthly_recurring_revenue", "'1,000.00'", "decimal(18,2)"),
        ("subscriptions", "monthly_recurring_revenue", "'nan'::double", "decimal(18,2)"),
        ("subscriptions", "is_trial", "'perhaps'", "boolean"),
        ("subscriptions", "is_trial", "2", "boolean"),
    ],
)
def test_type_that_does_not_cast(company, table, column, value, kind):
    company.map(table, with_column(table, column, value))
    shown = duckdb.sql(f"select cast({value} as varchar)").fetchall()[0][0]
    company.fails(
        f"{table}.sql: column {column}: 2 values do not cast to {kind}",
        f"the first is {shown!r}",
        "Mend: ",
    )


def test_first_bad_value_of_a_large_file_is_named_and_all_are_counted(company):
    good = "".join(f"{i},2024-01-01,1\n" for i in range(200_000))
    company.write("customers.csv", f"id,since,seats\n{good}a,2024-01-01,x1\nb,2024-01-01,x2\n")
    company.map("subscriptions", with_column("subscriptions", "seats", "seats"))
    company.fails("column seats: 2 values do not cast to bigint, the first is 'x1'")


def test_sql_error_names_file_and_keeps_duckdbs_message(company):
    company.map("accounts", "selec id from customers")
    company.fails("accounts.sql", 'syntax error at or near "selec"')
    company.map("accounts", "select nothing as account_id from customers")
    company.fails("accounts.sql", 'column "nothing" not found', "Candidate bindings")
    company.map("accounts", "select cast(id || 'x' as int) as account_id from customers")
    company.fails("accounts.sql", "Could not convert string '007x'")


def test_file_that_is_not_there(company):
    company.map("accounts", "select id as account_id from custmers")
    company.fails("accounts.sql: reads custmers", "no such file", "there are: customers")


@pytest.mark.parametrize("path", ["x.csv", "{parent}/outside.csv", "https://x.invalid/x.csv"])
def test_mappings_read_files_of_the_folder_only(company, path):
    (company.source.parent / "outside.csv").write_text("id\n1\n")
    path = path.format(parent=company.source.parent)
    company.map("accounts", f"select id as account_id from read_csv('{path}')")
    company.fails("accounts.sql", "there are: customers")


def test_variables_of_the_program_are_no_files(company):
    company.map("accounts", "select * from contract")
    company.fails("reads contract, but there is no such file")


@pytest.mark.parametrize("text", ["", "-- nothing yet\n", "select 1; select 2"])
def test_one_statement_per_file(company, text):
    company.map("accounts", text)
    company.fails("accounts.sql", "one select per file")


@pytest.mark.parametrize(
    "text", ["create table t (account_id int)", "copy (select 1) to 'x.csv'", "set threads = 1"]
)
def test_statement_must_be_a_select(company, text):
    company.map("accounts", text)
    company.fails("accounts.sql", "not a select")


def test_empty_mapping_folder(company):
    for path in company.mapping.iterdir():
        path.unlink()
    company.fails("no .sql file", "docs/raw_contract.md")


def test_folders_that_do_not_exist(company):
    company.mapping = company.mapping / "nowhere"
    company.fails("--mapping", "no such folder")
    company.mapping, company.source = company.source, company.source / "nowhere"
    company.fails("--from", "no such folder")


def test_folder_without_data_files(company):
    (company.source / "customers.csv").rename(company.source / "customers.txt")
    company.fails("no data file", ".parquet")


def test_two_files_of_one_name(company):
    company.write("Customers.json", "[]")
    company.fails("Customers.json", "customers.csv", "Mend: rename")


def test_target_is_the_source_or_the_mapping(company):
    company.target = company.source
    company.fails("same folder as --from")
    company.target = company.mapping
    company.fails("same folder as --mapping")


def test_target_with_foreign_files(company):
    company.target.mkdir()
    (company.target / "notes.txt").write_text("mine")
    company.fails("notes.txt", "new or empty folder")


def test_target_is_a_file(company):
    company.target.write_text("mine")
    company.fails("a file, not a folder")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "first line is empty"),
        ("id,ID\n1,2\n", "the column ID twice"),
    ],
)
def test_unreadable_file_matters_only_where_it_is_read(company, text, expected):
    company.write("broken.csv", text)
    company.succeeds()
    company.map("accounts", "select id as account_id from broken")
    company.fails("accounts.sql", "broken.csv", expected)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1\n", "Mend: as many cells as the header has"),
        ("1,2,3\n", "Mend: as many cells as the header has"),
        ('1,"a\n', "Mend: close the quote"),
    ],
)
def test_broken_csv_row_is_named_and_never_skipped(company, row, expected):
    company.write("broken.csv", f"id,since\n{row}5,2024-01-01\n")
    company.map("accounts", "select id as account_id from broken")
    company.fails("accounts.sql", "broken.csv", "Line: 2", expected)


# In what is read for the header, and far behind it.
@pytest.mark.parametrize("rows", [0, 200_000])
def test_file_that_is_not_utf_8(company, rows):
    lines = ["id,name", *("1,a" for _ in range(rows)), "2,Söhne", ""]
    (company.source / "broken.csv").write_bytes("\n".join(lines).encode("latin-1"))
    company.map("accounts", "select id as account_id, name as account_name from broken")
    company.fails("accounts.sql", "broken.csv", "Mend: save it as UTF-8")


def test_message_about_a_long_row_is_short(company):
    company.write("broken.csv", f"id,since\n1,2,{'x' * 1_000_000}\n")
    company.map("accounts", "select id as account_id from broken")
    assert len(company.fails("accounts.sql", "broken.csv", "Expected Number of Columns")) < 1000


def test_an_earlier_import_stays_untouched_by_a_failure(company):
    company.succeeds()
    assert company.contents()
    # The last table of all fails, when the others are written already.
    company.map("usage_events", with_column("usage_events", "occurred_at", "'soon'"))
    company.fails("usage_events.sql: column occurred_at")


def test_an_earlier_import_comes_back_if_the_new_one_cannot_take_its_place(company, monkeypatch):
    company.succeeds()
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name == "tables":
            raise OSError("no space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    company.fails("no space left on device")


# --- a company that nobody here wrote ---


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """The imported RavenStack tables, and its files as they are under names with file_."""
    target = tmp_path_factory.mktemp("ravenstack") / "raw"
    arguments = ["--mapping", str(RAVENSTACK_MAPPING), "--from", str(RAVENSTACK)]
    assert import_raw.main([*arguments, "--to", str(target)]) == 0
    connection = duckdb.connect()
    for path in target.glob("*.parquet"):
        connection.read_parquet(str(path)).create_view(path.stem)
    for path in RAVENSTACK.glob("*.csv"):
        name = path.stem.replace("ravenstack_", "file_")
        connection.read_csv(str(path)).create_view(name)
    return connection


@pytest.mark.skipif(not RAVENSTACK.is_dir(), reason="no folder ../shared/data/ravenstack")
class TestRavenStack:
    @staticmethod
    def number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
        return connection.execute(query).fetchone()[0]

    @pytest.mark.parametrize(
        ("table", "rows"),
        [
            ("accounts", 500),
            ("subscriptions", 5_000),
            ("usage_events", 25_000),
            ("support_tickets", 2_000),
            ("survey_responses", 1_175),
            ("churn_events", 600),
            ("products", 1),
            ("product_features", 40),
        ],
    )
    def test_rows(self, raw, table, rows):
        assert self.number(raw, f"select count(*) from {table}") == rows

    def test_required_columns_are_never_null(self, raw):
        for path in RAVENSTACK_MAPPING.glob("*.sql"):
            for column in CONTRACT[path.stem].columns:
                if column.required:
                    nulls = f"select count(*) - count({column.name}) from {path.stem}"
                    assert self.number(raw, nulls) == 0, f"{path.stem}.{column.name}"

    def test_usage_arrives_row_by_row(self, raw):
        lost = """
            select usage_id, account_id, feature_name, usage_date, usage_count, usage_duration_secs
            from file_feature_usage join file_subscriptions using (subscription_id)
            except all
            select event_id, account_id, feature_key, occurred_at, quantity, duration_seconds
            from usage_events
        """
        assert self.number(raw, f"select count(*) from ({lost})") == 0

    def test_known_dirt_is_still_there(self, raw):
        repeated = "select count(*) - count(distinct event_id) from usage_events"
        assert self.number(raw, repeated) == 21
        # Usage holds no subscription, so the file's is looked up for the imported subscriptions.
        outside = """
            select count(*)
            from file_feature_usage
            join subscriptions using (subscription_id)
            where usage_date {}
        """
        assert self.number(raw, outside.format("< starts_on")) == 19_142
        assert self.number(raw, outside.format("> ends_on")) == 290
        before_any = """
            select count(*)
            from usage_events
            join (select account_id, min(starts_on) as first_day from subscriptions group by all)
                using (account_id)
            where occurred_at < first_day
        """
        assert self.number(raw, before_any) == 14_216
        early_tickets = """
            select count(*) from support_tickets join accounts using (account_id)
            where opened_at < signed_up_on
        """
        assert self.number(raw, early_tickets) == 1_077

    def test_churn_is_that_of_the_events(self, raw):
        assert self.number(raw, "select count(distinct account_id) from churn_events") == 352
        still_paying = """
            select count(*) from churn_events
            where exists (
                select 1 from subscriptions
                where subscriptions.account_id = churn_events.account_id
                    and subscriptions.starts_on <= churn_events.notice_given_on
                    and coalesce(subscriptions.ends_on, date '9999-12-31')
                        > churn_events.notice_given_on
            )
        """
        assert self.number(raw, still_paying) == 545
        open_accounts = "select count(distinct account_id) from subscriptions where ends_on is null"
        assert self.number(raw, open_accounts) == 500

    def test_answers_are_dated_by_the_close_of_their_ticket(self, raw):
        wrong = """
            select count(*) from survey_responses
            left join support_tickets using (ticket_id)
            where responded_at is distinct from resolved_at
        """
        assert self.number(raw, wrong) == 0
