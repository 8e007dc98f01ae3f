"""scripts/import_raw.py: what it writes, and that every mistake is one message and no change."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow
import pytest

import import_raw
from lib.contract import duckdb_type, read_contract

pytestmark = pytest.mark.quick

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


RECORDS = '{"id": "007", "since": "2024-01-31"}\n{"id": "008", "since": "2024-02-29"}\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("customers.tsv", CUSTOMERS.replace(",", "\t")),
        # A tab it is, though another sign is more frequent.
        ("customers.TSV", "id\tsince\ta,b;c,d\n007\t2024-01-31\t\n008\t2024-02-29\t\n"),
        ("customers.jsonl", RECORDS),
        ("customers.ndjson", RECORDS),
        ("customers.json", RECORDS),
        ("it's #1 [a] *.csv", CUSTOMERS),
        ("grün.jsonl", RECORDS),
    ],
)
@pytest.mark.parametrize("ending", ["", ".gz", ".ZST"])
def test_endings_and_names_of_files(company, name, text, ending):
    (company.source / "customers.csv").unlink()
    path = company.source / (name + ending)
    if ending:
        compression = {".gz": "gzip", ".ZST": "zstd"}[ending]
        with pyarrow.output_stream(path, compression=compression) as file:
            file.write(text.encode())
    else:
        path.write_text(text, encoding="utf-8")
    for table, select in MAPPING.items():
        company.map(table, select.replace("from customers", f'from "{path.name.split(".")[0]}"'))
    company.succeeds()
    assert company.rows("usage_events", "event_id, occurred_at") == [
        ("E-007", datetime(2024, 1, 31)), ("E-008", datetime(2024, 2, 29))
    ]  # fmt: skip


CELLS = '"id"{0}since{0}note{1}007{0}2024-01-31{0}"a{0} ""b""\r\nc"{1}008{0}2024-02-29{0}grün{2}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("ends", "first_line"),
    [
        *((ends, "") for ends in ("\n\n", "\r\n\r\n", "\r\r", "\n\r", "\r\n\n")),
        *((ends, line) for ends in ("\r\n\r\n", "\n\r") for line in ("sep=|", '"sep=;"')),
    ],
)
def test_encodings_line_ends_and_separator_lines(company, encoding, ends, first_line):
    first, last = ends[: len(ends) // 2], ends[len(ends) // 2 :]
    separator = first_line.strip('"')[4:] or ","
    text = (first_line + first if first_line else "") + CELLS.format(separator, first, last)
    (company.source / "customers.csv").write_bytes(text.encode(encoding))
    company.map("accounts", "select id as account_id, note as account_name from customers")
    company.succeeds()
    assert company.rows("accounts", "account_id, account_name") == [
        ("007", f'a{separator} "b"\r\nc'), ("008", "grün")
    ]  # fmt: skip


def test_json_in_utf_16(company):
    (company.source / "customers.csv").unlink()
    (company.source / "customers.json").write_bytes(RECORDS.encode("utf-16"))
    company.succeeds()
    assert company.rows("accounts", "account_id") == [("007",), ("008",)]


def test_csv_values_are_text_and_empty_ones_null(company):
    company.write("odd.csv", '\ufeffid;text\r\n007;"a; ""b"""\r\n1e5;""\r\nnull_1;\r\n')
    company.map("accounts", "select id as account_id, text as account_name from odd")
    company.succeeds()
    assert company.rows("accounts", "account_id, account_name") == [
        ("007", 'a; "b"'), ("1e5", None), ("null_1", None)
    ]  # fmt: skip


JSON_SHAPES = {
    "one after another": "\n".join,
    "in one line": "".join,
    "over several lines": lambda records: "\n".join(records).replace(",", ",\n"),
    "an array": lambda records: f"[{', '.join(records)}]",
    "byte order mark": lambda records: "\ufeff" + "\n".join(records),
    "an array with byte order mark": lambda records: "\ufeff[" + ",\n".join(records) + "]",
    "CR at the ends of lines": "\r".join,
}


@pytest.mark.parametrize("shape", JSON_SHAPES.values(), ids=JSON_SHAPES.keys())
def test_json_values_are_text_as_written(company, shape):
    records = [
        '{"id": "007", "name": "12-05-2024", "plan": "BBD05AE7-1C0B-4C1F-9C2B-0123456789AB"}',
        '{"id": 7, "name": "03-05-2024", "plan": true}',
        '{"id": 12345678901234567890123, "name": null, "über \'alles\'": "x"}',
        '{"id": "a \\"b\\"", "plan": ["q", {"r": 1}]}',
    ]
    company.write("customers2.json", shape(records))
    company.map(
        "accounts",
        """
        select id as account_id, name as account_name, plan, "über 'alles'" as industry
        from customers2
        """,
    )
    company.succeeds()
    assert company.rows("accounts", "account_id, account_name, plan, industry") == [
        ("007", "12-05-2024", "BBD05AE7-1C0B-4C1F-9C2B-0123456789AB", None),
        ("12345678901234567890123", None, None, "x"),
        ("7", "03-05-2024", "true", None),
        ('a "b"', None, '["q",{"r":1}]', None),
    ]


def test_json_objects_are_json_text(company):
    company.write(
        "events.ndjson",
        '{"id": "007", "who": {"account": "a"}, "time": "2024-01-01T00:30:00+02:00"}\n'
        '{"id": "8", "who": {"account": null}, "time": "2024-01-02T00:30:00Z"}\n',
    )
    select = "select id as event_id, {} as account_id, time as occurred_at from events"
    company.map("usage_events", select.format("who->>'$.account'"))
    company.succeeds()
    assert company.rows("usage_events", "event_id, account_id, occurred_at") == [
        ("007", "a", datetime(2023, 12, 31, 22, 30)), ("8", None, datetime(2024, 1, 2, 0, 30))
    ]  # fmt: skip
    company.map("usage_events", select.format("who.account"))
    company.fails("Cannot extract field 'account'", "Mend: ", "->>'$.id'")


def test_json_array_within_an_object_is_unnested_by_the_mapping(company):
    company.write("answer.json", '{"page": 1, "data": [{"id": "007"}, {"id": 8}]}')
    company.map(
        "accounts",
        """
        select record->>'id' as account_id
        from (select unnest(cast(data as json[])) as record from answer) as records
        """,
    )
    company.succeeds()
    assert company.rows("accounts", "account_id") == [("007",), ("8",)]


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
        ("subscriptions", "seats", "'999999999999'", 999_999_999_999),
        ("subscriptions", "is_trial", "'Yes'", True),
        ("subscriptions", "is_trial", "0", False),
        ("subscriptions", "monthly_recurring_revenue", "'10.0100'", Decimal("10.01")),
        ("subscriptions", "monthly_recurring_revenue", "0.1::double + 0.2", Decimal("0.30")),
        ("subscriptions", "monthly_recurring_revenue", "999999999999::double", 999_999_999_999),
        ("subscriptions", "monthly_recurring_revenue", "12.34::float", Decimal("12.34")),
        ("subscriptions", "ends_on", "'2100-12-31'", date(2100, 12, 31)),
        ("subscriptions", "ends_on", "'1900-01-01'", date(1900, 1, 1)),
        # Nothing but what a spreadsheet or a tool writes is taken for a spoilt key.
        ("usage_events", "user_id", "'1e5'", "1e5"),
        ("usage_events", "user_id", "'na'", "na"),
        ("usage_events", "account_id", "'none'", "none"),
        ("usage_events", "user_id", "12::decimal(38,0)", "12"),
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
        ("usage_events", "occurred_at", "'NULL'", "timestamp"),
        ("subscriptions", "seats", "'3.7'", "bigint"),
        ("subscriptions", "seats", "3.7::double", "bigint"),
        ("subscriptions", "seats", "'ten'", "bigint"),
        ("subscriptions", "seats", "'None'", "bigint"),
        ("subscriptions", "seats", "'inf'::double", "bigint"),
        ("subscriptions", "monthly_recurring_revenue", "'1,000.00'", "decimal(18,2)"),
        ("subscriptions", "monthly_recurring_revenue", "'nan'::double", "decimal(18,2)"),
        ("subscriptions", "monthly_recurring_revenue", "'-inf'::double", "decimal(18,2)"),
        ("subscriptions", "is_trial", "'perhaps'", "boolean"),
        ("subscriptions", "is_trial", "2", "boolean"),
    ],
)
def test_type_that_does_not_cast(company, table, column, value, kind):
    company.map(table, with_column(table, column, value))
    shown = duckdb.sql(f"select cast({value} as varchar)").fetchall()[0][0]
    company.fails(
        f"{table}.sql: column {column}: values that do not cast to {kind} in 2 rows",
        f"the first is {shown!r}, in row 1 (",
        "Mend: ",
    )


@pytest.mark.parametrize(
    ("table", "column", "value", "expected", "mend"),
    [
        ("subscriptions", "starts_on", "'01-06-25'", "years outside 1900 to 2100", "'%d-%m-%y'"),
        ("subscriptions", "ends_on", "'9999-12-31'", "years outside 1900 to 2100", "'9999-12-31'"),
        ("usage_events", "occurred_at", "'1899-12-31 23:59'", "years outside", "strptime"),
        ("usage_events", "occurred_at", "timestamp '2101-01-01'", "years outside", "strptime"),
        ("subscriptions", "seats", "'9007199254740993'", "more than 12 digits", "larger unit"),
        ("subscriptions", "seats", "-1000000000000", "more than 12 digits", "larger unit"),
        ("subscriptions", "monthly_recurring_revenue", "1e12", "more than 12 digits", "null"),
        ("subscriptions", "monthly_recurring_revenue", "'999999999999.1'", "more than 12", "null"),
        (
            "subscriptions",
            "monthly_recurring_revenue",
            "'10.005'",
            "more decimals than decimal(18,2) holds",
            "round(cast(<column> as decimal(38,12)), 2)",
        ),
        ("subscriptions", "monthly_recurring_revenue", "250.0 / 3", "more decimals", "round("),
        ("usage_events", "user_id", "' NULL '", "a word for none as a key", "' NULL '"),
        ("usage_events", "user_id", "'nan'", "a word for none as a key", "nullif(<column>, 'nan')"),
        ("usage_events", "account_id", "'NA'", "a word for none as a key", "'id-' || <column>"),
        ("usage_events", "feature_key", "'None'", "a word for none as a key", "nullif"),
        ("subscriptions", "account_id", "'1.2E+05'", "scientific notation", "column as text"),
        ("subscriptions", "account_id", "'1,23E+11'", "scientific notation", "column as text"),
        ("accounts", "account_id", "7::double", "floating-point numbers", "as bigint"),
    ],
)
def test_what_the_build_would_not_take_as_it_is(company, table, column, value, expected, mend):
    company.map(table, with_column(table, column, value))
    company.fails(f"{table}.sql: column {column}: ", expected, "in 2 rows; the first is", mend)


def test_row_of_a_bad_value_is_named_by_its_number_and_key(company):
    company.write("customers.csv", "id,since\n1,2024-01-01\n2,24-01-01\n3,2024-01-01\n")
    company.fails("in 1 row; the first is '24-01-01', in row 2 (subscription_id 'S-2')")


def test_words_for_none_in_other_texts_are_counted(company):
    company.map("accounts", "select id as account_id, nullif('NULL', id) as plan from customers")
    assert "plan is a word such as NULL in 2 of them" in company.succeeds()
    assert company.rows("accounts", "plan") == [("NULL",)] * 2


def test_first_bad_value_of_a_large_file_is_named_and_all_are_counted(company):
    good = "".join(f"{i},2024-01-01,1\n" for i in range(200_000))
    company.write("customers.csv", f"id,since,seats\n{good}a,2024-01-01,x1\nb,2024-01-01,x2\n")
    company.map("subscriptions", with_column("subscriptions", "seats", "seats"))
    company.fails(
        "column seats: values that do not cast to bigint in 2 rows; the first is 'x1', in row"
        " 200,001 (subscription_id 'S-a')"
    )


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
    company.fails("no data file", "there are: customers.txt", ".jsonl", ".parquet")


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("events.xlsx", "save each sheet as CSV"),
        ("events.csv.zip", "unpack it"),
        ("Events.txt", "name it .csv"),
        ("events.avro", "export it as one of these"),
        ("events", "export it as one of these"),
    ],
)
def test_file_that_is_there_and_not_read(company, name, mend):
    company.write(name, "id\n1\n")
    company.map("accounts", "select id as account_id from events")
    company.fails(f"reads events, but {name} is not read", f"Mend: {mend}", ".tsv", ".zst")
    company.map("accounts", "select id as account_id from clicks")
    company.fails("no such file", "there are: customers", f"not read: {name}")


def test_folder_that_is_there_and_not_read(company):
    (company.source / "events").mkdir()
    company.map("accounts", "select id as account_id from events")
    company.fails("but events is a folder", "put its files beside the others")


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
    ("name", "text", "expected"),
    [
        ("broken.csv", "", "first line is empty"),
        ("broken.csv", "id,ID\n1,2\n", "the column ID twice"),
        ("broken.csv", "i\0d\0\n\0", "UTF-16 text without a byte order mark"),
        ("broken.json", "[]", "holds no record"),
        ("broken.json", "", "holds no record"),
        ("broken.json", '{"id": 1}\n{"ID": 2}', "its keys ID and id differ in case only"),
        ("broken.json", '{"id": 1, "id": 2}', "Mend: write each key of a record once"),
        ("broken.json", '[{"id": 1}, 2]', "Mend: a record is an object"),
        ("broken.json", '[{"id": 1}, {"id"', "Mend: export the file again"),
        ("broken.json.gz", '{"id": 1}', "broken.json.gz"),
        ("broken.csv.zst", "id\n1\n", "broken.csv.zst"),
    ],
)
def test_unreadable_file_matters_only_where_it_is_read(company, name, text, expected):
    company.write(name, text)
    company.succeeds()
    company.map("accounts", "select id as account_id from broken")
    message = company.fails("accounts.sql", name, expected)
    assert "ignore_errors" not in message and "Try" not in message


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
