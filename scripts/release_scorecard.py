#!/usr/bin/env python3
"""Release a version of a scorecard: record its rows, so that a later edit of any of them stops the
build and is written as a new version instead.

Recorded are the version's own rows of scorecards, dimensions, scorecard_signals and bands, and the
curves and registry rows that its signals use, as lines of scorecard_releases.csv beside them. What a
version inherits belongs to the release of the version it extends, which therefore comes first.

No raw data and no warehouse are needed. A version that is released stays so: there is no way back
but to take its lines out of scorecard_releases.csv by hand, which everybody can see in git.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.contract import ContractError, duckdb_type, read_contract

PROJECT = Path(__file__).resolve().parents[1]
COLUMNS = ["scorecard_id", "scorecard_version", "seed", "row_key", "content"]
SELECTED = ["+base_scorecard__definitions", "+stg_scorecard__errors"]

# The seeds decide, whatever the environment or dbt_project.yml says about raw data.
VARS = (
    "{health__raw_dir: none, health__raw_schema: raw, health__schema_prefix: '',"
    " health__sources: []}"
)


class ReleaseError(ValueError):
    """Something that stops a release; the message names what and the mend."""


@dataclass(frozen=True, order=True)
class Version:
    """A version of a scorecard; the number is text, as in the seeds."""

    scorecard_id: str
    number: str

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.number}"


@dataclass(frozen=True, order=True)
class Row:
    """A row that a release protects: the seed it stands in, its key, and its other cells."""

    seed: str
    row_key: str
    content: str


@dataclass(frozen=True)
class Scorecard:
    """What the seeds say: all versions with status and what they extend, and their own rows."""

    status: dict[Version, str]
    extends: dict[Version, Version]
    rows: dict[Version, set[Row]]


def main(arguments: list[str] | None = None, project: Path = PROJECT) -> int:
    """Run the command line; 0 if the version is released, 1 with one message if nothing was done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scorecard", nargs="?", metavar="SCORECARD", help="such as standard")
    parser.add_argument("version", nargs="?", metavar="VERSION", help="such as 2")
    parser.add_argument(
        "--all-live", action="store_true", help="release every live version that is not released"
    )
    options = parser.parse_args(arguments)
    if options.all_live == bool(options.scorecard) or bool(options.scorecard) != bool(
        options.version
    ):
        parser.error("give SCORECARD and VERSION, or --all-live")
    chosen = None if options.all_live else Version(options.scorecard, options.version)
    try:
        release(project, chosen)
    except (ReleaseError, ContractError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def release(project: Path, chosen: Version | None) -> list[Version]:
    """Release one version, or every live one; return those that were not released before.

    Raises ReleaseError before anything is written.
    """
    file = seeds_folder(project) / "scorecard" / "scorecard_releases.csv"
    released = read_releases(file)
    print("reading and checking the scorecard, a few seconds ...", flush=True)
    scorecard = read_scorecard(project)
    if chosen is None:
        wanted = [version for version, status in scorecard.status.items() if status == "live"]
    else:
        wanted = [chosen]
    new: list[Version] = []
    for version in ancestors_first(scorecard, wanted):
        if version in released:
            refuse_difference(version, released[version], scorecard.rows[version])
            print(f"  {version}: released already, {len(released[version])} rows as recorded")
        else:
            refuse_open_end(version, scorecard, {*released, *new})
            new.append(version)
    if new:
        append(file, new, scorecard)
        for version in new:
            print(f"  {version}: released, {len(scorecard.rows[version])} rows recorded")
        print(f"Next: commit {file.relative_to(project)} together with the seeds.")
    return new


def ancestors_first(scorecard: Scorecard, versions: list[Version]) -> list[Version]:
    """The versions, those that others extend before them. Refuses a version that no seed has."""
    for version in versions:
        if version not in scorecard.status:
            known = ", ".join(str(one) for one in sorted(scorecard.status))
            raise ReleaseError(
                f"there is no version {version.number} of a scorecard {version.scorecard_id}."
                f" Mend: add it to scorecards.csv, or release one of: {known}"
            )

    def depth(version: Version) -> int:
        extended = scorecard.extends.get(version)
        return 0 if extended is None else 1 + depth(extended)

    return sorted(versions, key=lambda version: (depth(version), version))


def refuse_difference(version: Version, recorded: set[Row], present: set[Row]) -> None:
    """Refuse rows that differ from those recorded."""
    if recorded == present:
        return
    names = sorted({(row.seed, row.row_key) for row in recorded ^ present})
    rows = "".join(f"\n  {seed}.csv, row {row_key}" for seed, row_key in names)
    raise ReleaseError(
        f"{version} is released, and its rows are not what they were:{rows}\n"
        "Mend: put them back, and write the change as a new version"
    )


def refuse_open_end(version: Version, scorecard: Scorecard, released: set[Version]) -> None:
    """Refuse a version that inherits from one which may still change."""
    extended = scorecard.extends.get(version)
    if extended is not None and extended not in released:
        raise ReleaseError(
            f"{version} extends {extended}, which is not released: an edit of that one would"
            f" change this one. Mend: release {extended} first"
        )


def read_scorecard(project: Path) -> Scorecard:
    """The scorecard seeds as dbt reads them. Raises ReleaseError with what is wrong with them."""
    with tempfile.TemporaryDirectory(prefix="release_scorecard_") as folder:
        database = Path(folder) / "release.duckdb"
        make_empty_raw_tables(project, database)
        run_dbt(project, Path(folder), database)
        with duckdb.connect(str(database), read_only=True) as connection:
            versions = connection.execute(
                "select scorecard_id, scorecard_version, status, extends_scorecard_id,"
                " extends_version from scorecard.scorecards order by all"
            ).fetchall()
            definitions = connection.execute(
                f"select {', '.join(COLUMNS)} from staging.base_scorecard__definitions"
            ).fetchall()
    status = {Version(*row[:2]): row[2] for row in versions}
    extends = {Version(*row[:2]): Version(*row[3:]) for row in versions if row[3] != "none"}
    rows: dict[Version, set[Row]] = {version: set() for version in status}
    for scorecard_id, number, *cells in definitions:
        rows[Version(scorecard_id, number)].add(Row(*cells))
    return Scorecard(status, extends, rows)


def make_empty_raw_tables(project: Path, database: Path) -> None:
    """The raw tables without a row: every dbt run looks for them, and nothing here reads them."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema raw")
        for table in read_contract(project).values():
            columns = ", ".join(
                f'"{column.name}" {duckdb_type(column.data_type)}' for column in table.columns
            )
            connection.execute(f'create table raw."{table.name}" ({columns})')


def run_dbt(project: Path, folder: Path, database: Path) -> None:
    """Load the seeds into the database, and build the checks and definitions over them."""
    # dbt takes a second to import, which --help and a wrong name need not wait for.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    settings = {"HEALTH_DB": str(database), "HEALTH_RAW": "none", "HEALTH_SOURCES": ""}
    command = [
        "--log-level", "none", "--log-level-file", "none",
        "build", "--select", *SELECTED, "--exclude-resource-type", "test", "unit_test",
        "--vars", VARS, "--target", "duckdb",
        "--project-dir", str(project), "--profiles-dir", str(project),
        "--target-path", str(folder), "--log-path", str(folder),
    ]  # fmt: skip
    with environment(settings):
        result = dbtRunner().invoke(command)
        # dbt-duckdb keeps the file open for the next run; there is none.
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()
    if not result.success:
        raise ReleaseError(explained(result))


def explained(result: object) -> str:
    """What dbt found wrong: the errors of the scorecard one a line, or else dbt's own words."""
    if result.exception is not None:
        return f"dbt could not read the project: {result.exception}"
    failed = [
        node for node in result.result.results if str(node.status) in ("error", "runtime error")
    ]
    messages = [line.strip() for node in failed for line in str(node.message).splitlines()]
    errors = [line for line in messages if ".csv, row " in line or line.startswith("... and ")]
    if errors:
        return "the scorecard has errors, nothing is released\n  " + "\n  ".join(errors)
    said = [f"{node.node.name}: {str(node.message).strip()}" for node in failed]
    return "dbt could not read the scorecard\n  " + "\n  ".join(said)


def seeds_folder(project: Path) -> Path:
    """The seeds that dbt reads. Refuses a folder outside the project, as make build does."""
    named = os.environ.get("HEALTH_SEEDS") or "seeds"
    if named.startswith("/") or ".." in Path(named).parts:
        raise ReleaseError(
            f"HEALTH_SEEDS={named} must be a folder inside the project, such as seeds."
            " Mend: copy the folder here, or link to it"
        )
    return project / named


def read_releases(file: Path) -> dict[Version, set[Row]]:
    """The rows recorded so far, by version."""
    if not file.is_file():
        raise ReleaseError(f"{file}: no such file. Mend: put it back, {','.join(COLUMNS)} in it")
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != COLUMNS:
            raise ReleaseError(
                f"{file}: its first line is not {','.join(COLUMNS)}. Mend: put it back"
            )
        releases: dict[Version, set[Row]] = {}
        for line in reader:
            version = Version(line["scorecard_id"], line["scorecard_version"])
            row = Row(line["seed"], line["row_key"], line["content"])
            releases.setdefault(version, set()).add(row)
    return releases


def append(file: Path, versions: list[Version], scorecard: Scorecard) -> None:
    """Add the rows of versions to the file; whoever reads meanwhile sees all of them or none."""
    text = file.read_text(encoding="utf-8")
    addition = io.StringIO()
    writer = csv.writer(addition, lineterminator="\n")
    for version in versions:
        for row in sorted(scorecard.rows[version]):
            cells = [row.seed, row.row_key, row.content]
            writer.writerow([version.scorecard_id, version.number, *cells])
    if not text.endswith("\n"):
        text += "\n"
    unfinished = file.with_name(f".{file.name}.unfinished-{os.getpid()}")
    unfinished.write_text(text + addition.getvalue(), encoding="utf-8")
    unfinished.replace(file)


@contextmanager
def environment(settings: Mapping[str, str]) -> Iterator[None]:
    """The process environment with these settings; then as it was."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


if __name__ == "__main__":
    sys.exit(main())
