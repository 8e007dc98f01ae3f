"""Load raw tables from Parquet into PostgreSQL.

Every <table>.parquet, and every folder <table>/ of Parquet files, in --from becomes one table of the
schema raw, in the types that the files have. A table is replaced in one transaction: whoever reads
meanwhile sees the old rows or the new ones. Where its columns stayed the same, the views that dbt has
built over it stay as well.

The server is the one that dbt's target postgres uses: HEALTH_PG_HOST, HEALTH_PG_PORT, HEALTH_PG_USER,
HEALTH_PG_PASSWORD and HEALTH_PG_DBNAME, or --dsn.
"""

import argparse
import glob
import io
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg2
import pyarrow as pa
from psycopg2 import sql
from pyarrow import csv

from lib.raw_casts import quoted
from lib.warehouse import postgres_settings

BATCH_ROWS = 100_000
PROGRESS_SECONDS = 5

# DuckDB's types and PostgreSQL's, both as their catalogs spell them.
TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(38,0)",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric(20,0)",
    # PostgreSQL shows six digits of a real.
    "FLOAT": "double precision",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "UUID": "uuid",
    "DATE": "date",
    "TIME": "time without time zone",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP_S": "timestamp without time zone",
    "TIMESTAMP_MS": "timestamp without time zone",
    "TIMESTAMP_NS": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}

Columns = list[tuple[str, str]]


class LoadError(ValueError):
    """Something that stops the load; the message names the file or column and the mend."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if every table is loaded, 1 with one message if not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--from", type=Path, required=True, metavar="DIR", dest="folder",
        help="folder of <table>.parquet files or <table>/ folders",
    )
    parser.add_argument(
        "--schema", default="raw", help="schema that receives the tables (default: raw)"
    )
    parser.add_argument("--dsn", help="connection string, such as postgresql://user@host:5432/name")
    options = parser.parse_args(arguments)
    try:
        settings = {"dsn": options.dsn} if options.dsn else postgres_settings()
        load_raw(options.folder, settings, options.schema)
    except LoadError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def load_raw(folder: Path, settings: dict[str, str], schema: str = "raw") -> dict[str, int]:
    """Load every table found in a folder; return the rows loaded, by table.

    Tables before the one that fails stay loaded. Raises LoadError.
    """
    tables = parquet_tables(folder)
    try:
        server = psycopg2.connect(**settings)
    except psycopg2.OperationalError as error:
        raise LoadError(
            f"cannot connect to PostgreSQL: {str(error).strip()}\n"
            "Mend: set HEALTH_PG_HOST, _PORT, _USER, _PASSWORD and _DBNAME, or give --dsn"
        ) from error
    loaded = {}
    try:
        for table, pattern in tables.items():
            started = time.monotonic()
            try:
                with server, server.cursor() as cursor:
                    loaded[table] = load_table(cursor, schema, table, pattern)
            except psycopg2.Error as error:
                raise LoadError(f"{schema}.{table}: {str(error).strip()}") from error
            except duckdb.Error as error:
                raise LoadError(f"{pattern}: cannot be read: {str(error).strip()}") from error
            seconds = time.monotonic() - started
            print(f"  {table:<18}{loaded[table]:>13,} rows {seconds:>7.1f} s", flush=True)
    finally:
        server.close()
    return loaded


def parquet_tables(folder: Path) -> dict[str, str]:
    """What to read, as a pattern, by table name, in the order of names."""
    if not folder.is_dir():
        raise LoadError(f"--from {folder}: no such folder. Mend: check the path")
    escaped = Path(glob.escape(str(folder.resolve())))
    found: dict[str, str] = {}
    for path in folder.iterdir():
        pattern = escaped / glob.escape(path.name)
        if path.is_dir() and any(path.rglob("*.parquet")):
            pattern = pattern / "**" / "*.parquet"
        elif path.is_dir() or path.suffix != ".parquet":
            continue
        name = path.name.removesuffix(".parquet")
        if name in found:
            raise LoadError(
                f"{folder}: both {name}.parquet and {name}/ are there. Mend: remove one of them"
            )
        found[name] = str(pattern)
    if not found:
        raise LoadError(
            f"--from {folder}: no Parquet files in it. Mend: give the folder that holds"
            " <table>.parquet, as scripts/import_raw.py and scripts/generate_raw.py write it"
        )
    return dict(sorted(found.items()))


def load_table(
    cursor: psycopg2.extensions.cursor, schema: str, table: str, pattern: str
) -> int:
    """Replace one table inside the transaction that the cursor is in; return its rows."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        rows = connection.read_parquet(pattern, union_by_name=True, hive_partitioning=False)
        columns = [
            (name, postgres_type(str(data_type), f"{table}.{name}"))
            for name, data_type in zip(rows.columns, rows.types, strict=True)
        ]
        make_empty(cursor, schema, table, columns)
        rows = rows.project(", ".join(writable(name, data_type) for name, data_type in columns))
        stream = CsvStream(rows.to_arrow_reader(BATCH_ROWS), table)
        cursor.copy_expert(
            sql.SQL("copy {} from stdin with (format csv)").format(sql.Identifier(schema, table)),
            stream,
            size=1 << 20,
        )
    cursor.execute(sql.SQL("analyze {}").format(sql.Identifier(schema, table)))
    return stream.rows


def make_empty(
    cursor: psycopg2.extensions.cursor, schema: str, table: str, columns: Columns
) -> None:
    """Leave an empty table of these columns, the old one where its columns are the same."""
    name = sql.Identifier(schema, table)
    cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    if existing_columns(cursor, schema, table) == columns:
        cursor.execute(sql.SQL("truncate {}").format(name))
        return
    definitions = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(data_type))
        for column, data_type in columns
    )
    cursor.execute(sql.SQL("drop table if exists {} cascade").format(name))
    cursor.execute(sql.SQL("create table {} ({})").format(name, definitions))


def existing_columns(cursor: psycopg2.extensions.cursor, schema: str, table: str) -> Columns:
    """Names and types of a table's columns; empty where there is no such table."""
    cursor.execute(
        """
        select columns.attname, format_type(columns.atttypid, columns.atttypmod)
        from pg_attribute as columns
        join pg_class as tables on columns.attrelid = tables.oid
        join pg_namespace as schemas on tables.relnamespace = schemas.oid
        where schemas.nspname = %s and tables.relname = %s and tables.relkind = 'r'
            and columns.attnum > 0 and not columns.attisdropped
        order by columns.attnum
        """,
        (schema, table),
    )
    return cursor.fetchall()


def writable(column: str, data_type: str) -> str:
    """A column for CSV, which has no word for infinite days and those before our era; a build reads none.

    And which shows as few digits of a short floating-point number as tell it from other short ones.
    """
    name = quoted(column)
    if data_type == "double precision":
        return f"cast({name} as double) as {name}"
    if not data_type.startswith(("date", "timestamp")):
        return name
    return f"case when isfinite({name}) and {name} >= '0001-01-01' then {name} end as {name}"


def postgres_type(duckdb_type: str, column: str) -> str:
    """PostgreSQL's name of a DuckDB type; `column` is for the message."""
    if re.fullmatch(r"DECIMAL\(\d+,\s*\d+\)", duckdb_type):
        return duckdb_type.replace("DECIMAL", "numeric").replace(" ", "")
    if duckdb_type.startswith("ENUM("):
        return "text"
    if duckdb_type not in TYPES:
        raise LoadError(
            f"{column}: the type {duckdb_type} has no counterpart in PostgreSQL."
            " Mend: write it as one of the types of docs/raw_contract.md"
        )
    return TYPES[duckdb_type]


class CsvStream(io.RawIOBase):
    """Arrow batches as a readable stream of CSV: nulls are empty, empty texts are quoted."""

    def __init__(self, batches: pa.RecordBatchReader, label: str) -> None:
        self.rows = 0
        self._label = label
        self._spoken = time.monotonic()
        self._chunks = self._chunks_of(batches)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, at least one unless the stream is at its end."""
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        size = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken.tobytes()

    def _chunks_of(self, batches: pa.RecordBatchReader) -> Iterator[bytes]:
        options = csv.WriteOptions(include_header=False, quoting_style="needed")
        for batch in batches:
            if not batch.num_rows:
                continue
            self.rows += batch.num_rows
            self._say_rows()
            buffer = io.BytesIO()
            csv.write_csv(batch, buffer, options)
            yield buffer.getvalue()

    def _say_rows(self) -> None:
        if time.monotonic() - self._spoken >= PROGRESS_SECONDS:
            self._spoken = time.monotonic()
            print(f"  {self._label} ... {self.rows:,} rows", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
