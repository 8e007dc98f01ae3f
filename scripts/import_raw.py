"""Turn a company's own files into raw tables that keep the contract.

A mapping is a folder of SQL files, one per raw table and named like it, such as `accounts.sql`.
Each holds one select, which DuckDB runs over the files in --from. Every file there (.csv, .tsv,
.json, .jsonl, .ndjson, each also .gz or .zst, and .parquet) is a view named like the file without
its endings:

    select
        "Customer No" as account_id,
        cast(strptime("Since", '%d/%m/%Y') as date) as signed_up_on
    from customers

The select names its columns as the contract does (docs/raw_contract.md), in any order. Values are
cast to the contract's types here, so a mapping needs no casts for that. Optional columns that it
leaves out become nulls. Times with a zone become UTC, times without one are taken as UTC.

Values of CSV and JSON arrive as text, so that nothing is guessed. An empty CSV value is null. The
records of a JSON file are its objects, one after another or in an array, and each key is a column.
A text is as written, a whole number keeps all its digits, true and false are words, and an object
or array is its JSON: `customer->>'$.id'` is a value in it. Records within an object are

    select record->>'id' as account_id
    from (select unnest(cast(data as json[])) as record from answer) as records

Text is UTF-8, or UTF-16 with a byte order mark. A first line such as `sep=;` says the separator.

What the build would round, or take for a value that was not given, is refused with its row and what
to write: years outside 1900 to 2100, more than 12 digits before the point, more decimals than the
type holds, and keys that are a word for none (NULL, nan, None, NA), in scientific notation, or
floating-point numbers. Nothing is written unless every table is good. A null in a required column
is no error here: such rows are counted now, and kept apart with a reason by the build.
"""

from __future__ import annotations

import argparse
import difflib
import glob
import os
import re
import shlex
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.contract import ContractError, Table, read_contract
from lib.data_files import DataFileError, DataFiles, brief
from lib.raw_casts import (
    complaint,
    given_text,
    is_key,
    is_none_word,
    mend,
    problem,
    quoted,
    strict,
    widened,
)

PROJECT_DIR = Path(__file__).resolve().parents[1]
CONTRACT_DOC = "docs/raw_contract.md"
HEARTBEAT_SECONDS = 10


class RawImportError(ValueError):
    """Something that stops an import; the message names the file, the column and the mend."""


@dataclass(frozen=True)
class Mapped:
    """One mapping file, bound to the files it reads and held against the contract."""

    path: Path
    table: Table
    relation: duckdb.DuckDBPyRelation


@dataclass(frozen=True)
class Written:
    """One raw table as written: its rows, and what about them a person should know, by column.

    `required_nulls` counts the nulls of required columns, `none_words` the texts such as NULL in
    columns that are no keys.
    """

    table: Table
    rows: int
    required_nulls: dict[str, int]
    none_words: dict[str, int]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if the tables are in place, 1 with a message if nothing was done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--mapping", type=Path, required=True, metavar="DIR", help="folder of <raw table>.sql files"
    )
    parser.add_argument(
        "--from", type=Path, required=True, metavar="DIR", dest="source", help="the company's files"
    )
    parser.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="DIR",
        dest="target",
        help="folder for <raw table>.parquet; an earlier import there is replaced as a whole",
    )
    options = parser.parse_args(arguments)
    try:
        contract = read_contract(PROJECT_DIR)
        written = import_raw(contract, options.mapping, options.source, options.target)
    except (RawImportError, DataFileError, ContractError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print_next_step(contract, [table.table.name for table in written], options.target)
    return 0


def import_raw(
    contract: dict[str, Table], mapping: Path, source: Path, target: Path
) -> list[Written]:
    """Write every mapped table as <target>/<table>.parquet, in the contract's columns and types.

    Returns what was written, in the contract's order. Raises RawImportError or DataFileError before
    anything in the target has changed.
    """
    check_folders(contract, mapping, source, target)
    paths = mapping_files(contract, mapping)
    target = target.resolve()
    # Beside the target and so on its disk, where a finished folder can be moved into place.
    workshop = target.with_name(f".{target.name}.unfinished-{os.getpid()}")
    tables, copies = workshop / "tables", workshop / "copies"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = true")
        connection.execute("set enable_progress_bar_print = false")
        # Names in a mapping are those of files, never of this program's variables.
        connection.execute("set python_enable_replacements = false")
        connection.execute("set temp_directory = $1", [str(workshop / "spill")])
        files = DataFiles(connection, source, copies)
        allow_only(connection, files.paths, [tables, copies])
        try:
            tables.mkdir(parents=True)
            copies.mkdir()
            mapped = [bind(connection, contract[name], path, files) for name, path in paths.items()]
            written = [write(connection, one, tables) for one in mapped]
            put_in_place(tables, target)
        finally:
            shutil.rmtree(workshop, ignore_errors=True)
    return written


def allow_only(
    connection: duckdb.DuckDBPyConnection, files: list[Path], folders: list[Path]
) -> None:
    """From here on the connection reads these files, works in these folders, and no more."""

    def named(paths: list[Path]) -> list[str]:
        # A path is asked for under its own name, and as the pattern that stands for it.
        return sorted({form for path in paths for form in (str(path), glob.escape(str(path)))})

    connection.execute("set allowed_paths = $1", [named(files)])
    connection.execute("set allowed_directories = $1", [named(folders)])
    connection.execute("set enable_external_access = false")


def check_folders(contract: dict[str, Table], mapping: Path, source: Path, target: Path) -> None:
    """Refuse folders that do not exist, and a target that holds anything but raw tables."""
    for option, folder in (("--mapping", mapping), ("--from", source)):
        if not folder.is_dir():
            raise RawImportError(f"{option} {folder}: no such folder. Mend: check the path")
    for option, folder in (("--mapping", mapping), ("--from", source)):
        if folder.resolve() == target.resolve():
            raise RawImportError(
                f"--to {target}: the same folder as {option}, whose files would be replaced."
                " Mend: give a folder of its own"
            )
    if not target.exists():
        return
    if not target.is_dir():
        raise RawImportError(f"--to {target}: a file, not a folder. Mend: give a folder")
    own = {f"{name}.parquet" for name in contract}
    foreign = sorted(path.name for path in target.iterdir() if path.name not in own)
    if foreign:
        raise RawImportError(
            f"--to {target}: holds what no import wrote ({shortened(foreign)}) and would be"
            " replaced as a whole. Mend: give a new or empty folder"
        )


def mapping_files(contract: dict[str, Table], mapping: Path) -> dict[str, Path]:
    """Mapping files by the raw table they fill, in the contract's order."""
    found = {path.stem: path for path in sorted(mapping.glob("*.sql"))}
    if not found:
        raise RawImportError(
            f"{mapping}: no .sql file in it. Mend: write one select per raw table into"
            f" <raw table>.sql; {CONTRACT_DOC} lists the tables"
        )
    for stem, path in found.items():
        if stem not in contract:
            raise RawImportError(
                f"{path}: {stem} is no table of the raw contract;"
                f" {suggestion(stem, contract, 'tables')}"
            )
    for table in contract.values():
        if table.required and table.name not in found:
            raise RawImportError(
                f"{mapping}: the required table {table.name} is missing. Mend: add"
                f" {table.name}.sql with one select; {CONTRACT_DOC} lists its columns"
            )
    return {name: found[name] for name in contract if name in found}


def bind(
    connection: duckdb.DuckDBPyConnection, table: Table, path: Path, files: DataFiles
) -> Mapped:
    """Bind a mapping's select to the files and hold its columns against the contract's."""
    query = the_select(connection, path)
    while True:
        try:
            relation = connection.sql(query)
            break
        except duckdb.Error as error:
            # A file becomes a view when the first mapping asks for it.
            if not files.offer(unknown_table(error)):
                raise RawImportError(explained(error, path, files)) from error
    check_columns(table, path, relation.columns)
    return Mapped(path, table, relation)


def the_select(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The one select of a mapping file."""
    try:
        statements = connection.extract_statements(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise RawImportError(f"{path}: not UTF-8 text. Mend: save it as UTF-8") from error
    except duckdb.Error as error:
        raise RawImportError(f"{path}: {error}") from error
    if len(statements) != 1:
        raise RawImportError(
            f"{path}: {len(statements)} statements in it. Mend: one select per file"
            " (steps before it go into its with clause)"
        )
    if statements[0].type != duckdb.StatementType.SELECT:
        raise RawImportError(f"{path}: not a select. Mend: write one select that returns the rows")
    return statements[0].query


def unknown_table(error: duckdb.Error) -> str:
    """The table that a query asks for and that is not there; empty for any other error."""
    unknown = re.search(r"Table with name (.+?) does not exist", str(error))
    is_unknown = isinstance(error, duckdb.CatalogException) and unknown
    return unknown[1].strip('"') if is_unknown else ""


def explained(error: duckdb.Error, path: Path, files: DataFiles) -> str:
    """DuckDB's message about a mapping; where a file is asked for that is not there, what is."""
    name = unknown_table(error)
    if name:
        return f"{path}: reads {name}, {files.why_not(name)}"
    if "Cannot extract field" in str(error):
        return (
            f"{path}: {brief(error)}\nMend: objects of a JSON file are texts, write such as"
            " customer->>'$.id' for customer.id"
        )
    if isinstance(error, (duckdb.PermissionException, duckdb.IOException)):
        return (
            f"{path}: {brief(error)}\nMend: read a file of --from by its name, such as"
            f" from {quoted(files.names[0])}. {files.listed()}"
        )
    return f"{path}: {brief(error)}"


def check_columns(table: Table, path: Path, columns: list[str]) -> None:
    """Refuse a column twice, an unknown column and a missing required one."""
    given = [column.lower() for column in columns]
    for column in columns:
        if given.count(column.lower()) > 1:
            raise RawImportError(
                f"{path}: the column {column} is selected twice. Mend: name each column once"
            )
        if column.lower() not in table.column_names:
            free = [name for name in table.column_names if name not in given]
            meant = suggestion(column, free, "columns")
            raise RawImportError(f"{path}: {column} is no column of {table.name}; {meant}")
    for column in table.columns:
        if column.required and column.name not in given:
            raise RawImportError(
                f"{path}: the required column {column.name} ({column.data_type}) of {table.name} is"
                f" missing. Mend: select <what it is in your files> as {column.name}"
            )


def write(connection: duckdb.DuckDBPyConnection, mapped: Mapped, folder: Path) -> Written:
    """Run a mapping into <folder>/<table>.parquet and print what it gave."""
    table, path = mapped.table, folder / f"{mapped.table.name}.parquet"
    given = {column.lower() for column in mapped.relation.columns}
    # Columns that a mapping leaves out are nulls like any other.
    absent = [f"null as {quoted(name)}" for name in table.column_names if name not in given]
    rows = mapped.relation.project(", ".join(["*", *absent]))
    types = dict(zip(map(str.lower, rows.columns), rows.types, strict=True))
    kinds = [(column, types[column.name]) for column in table.columns]
    rows = rows.project(", ".join(widened(column, kind) for column, kind in kinds))
    # Without an order to keep, a table larger than memory streams through.
    connection.execute("set preserve_insertion_order = false")
    try:
        with heartbeat(connection, table.name):
            final = rows.project(", ".join(strict(column, kind) for column, kind in kinds))
            final.write_parquet(str(path), compression="zstd")
    except duckdb.Error as error:
        raise RawImportError(
            bad_values(connection, mapped, rows, types) or f"{mapped.path}: {brief(error)}"
        ) from error
    written = counted(connection, table, path)
    print(f"  {table.name:<18}{written.rows:>13,} rows", flush=True)
    for column, nulls in written.required_nulls.items():
        if nulls:
            print(f"    {column} is null in {nulls:,} of them; the build will reject these rows")
    for column, words in written.none_words.items():
        if words:
            print(f"    {column} is a word such as NULL in {words:,} of them, and stays that word")
    return written


def bad_values(
    connection: duckdb.DuckDBPyConnection,
    mapped: Mapped,
    rows: duckdb.DuckDBPyRelation,
    types: dict[str, duckdb.DuckDBPyType],
) -> str | None:
    """The message for the first column with bad values; None if all columns are good."""
    connection.execute("set preserve_insertion_order = true")
    key = next(column for column in mapped.table.columns if column.required)
    for column in mapped.table.columns:
        kind = problem(column, types[column.name])
        judged = rows.project(
            f"row_number() over () as number, {given_text(key)} as key,"
            f" {given_text(column)} as given, {kind} as problem"
        )
        bad = judged.filter("problem is not null")
        try:
            first = bad.limit(1).fetchall()
            if not first:
                continue
            [(number, found, given, name)] = first
            [(count,)] = bad.filter(f"problem = '{name}'").aggregate("count(*)").fetchall()
        except duckdb.Error:
            # The mapping's own expressions fail, and DuckDB's message already says how.
            return None
        place = f"row {number:,}"
        if found is not None and key is not column:
            place += f" ({key.name} {shown(found)})"
        return (
            f"{mapped.path}: column {column.name}: {complaint(name, column)} in"
            f" {count:,} row{'s' if count > 1 else ''}; the first is {shown(given)}, in {place}."
            f" Mend: {mend(name, column, given)}"
        )
    return None


def shown(value: str) -> str:
    """A value for a message, in quotes and not too long."""
    return repr(value if len(value) <= 60 else value[:57] + "...")


def counted(connection: duckdb.DuckDBPyConnection, table: Table, path: Path) -> Written:
    """Rows, nulls in required columns and words for none in other texts of a written table."""
    required = [column.name for column in table.columns if column.required]
    texts = [
        column.name
        for column in table.columns
        if column.data_type == "string" and not is_key(column)
    ]
    counts = [f"count(*) - count({quoted(name)})" for name in required]
    words = [f"count(*) filter ({is_none_word(quoted(name))})" for name in texts]
    relation = connection.read_parquet(glob.escape(str(path)), hive_partitioning=False)
    [(rows, *found)] = relation.aggregate(", ".join(["count(*)", *counts, *words])).fetchall()
    nulls, none_words = found[: len(counts)], found[len(counts) :]
    return Written(
        table,
        rows,
        dict(zip(required, nulls, strict=True)),
        dict(zip(texts, none_words, strict=True)),
    )


def put_in_place(finished: Path, target: Path) -> None:
    """Let a finished folder take the place of an earlier import, which comes back if that fails."""
    if not target.exists():
        finished.rename(target)
        return
    earlier = target.with_name(f".{target.name}.earlier-{os.getpid()}")
    target.rename(earlier)
    try:
        finished.rename(target)
    except OSError:
        earlier.rename(target)
        raise
    shutil.rmtree(earlier)


@contextmanager
def heartbeat(connection: duckdb.DuckDBPyConnection, label: str) -> Iterator[None]:
    """Say every few seconds how far the running query is."""
    done = threading.Event()

    def say() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            share = connection.query_progress()
            print(f"  {label} ... {max(share, 0):.0f} %", file=sys.stderr, flush=True)

    thread = threading.Thread(target=say, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def suggestion(name: str, known: list[str] | dict[str, Table], what: str) -> str:
    """The known name that was probably meant, else all of them."""
    close = difflib.get_close_matches(name.lower(), list(known), n=1)
    return f"did you mean {close[0]}?" if close else f"its {what} are: {', '.join(known)}"


def shortened(names: list[str], most: int = 5) -> str:
    """The first few names."""
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def print_next_step(contract: dict[str, Table], filled: list[str], target: Path) -> None:
    """Print where the tables are and the command that builds them."""
    folder = target.resolve()
    if folder.is_relative_to(PROJECT_DIR):
        folder = folder.relative_to(PROJECT_DIR)
    # Never the name of a schema (raw, marts, …), which DuckDB could not tell from the file's.
    database = "warehouse/" + re.sub(r"[^A-Za-z0-9_-]+", "_", folder.name) + "_health.duckdb"
    absent = [name for name in contract if name not in filled]
    if absent:
        print(f"not filled, so these sources are off: {', '.join(absent)}")
    command = shlex.join(["make", "build", f"RAW={folder}", f"DB={database}"])
    print(f"written to {folder}. Next:\n  {command}")


if __name__ == "__main__":
    sys.exit(main())
