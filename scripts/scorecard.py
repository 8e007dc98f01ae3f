#!/usr/bin/env python3
"""Work on a scorecard: check its seeds without a build, compare two versions, start a new one, and
explain a score that it gave.

The checks are those of the build, by the same models, run over the CSV files in memory. Only explain
needs a warehouse: the DuckDB file of --database or HEALTH_DB; with HEALTH_TARGET=postgres the PostgreSQL
database that the HEALTH_PG_* settings name (profiles.yml).

Exit status: 0 done, and nothing is wrong (warnings are not wrong); 1 check found errors; 2 it could not
be done.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from itertools import groupby
from pathlib import Path

from lib.command_line import add_database, add_schema, guarded, new_parser
from lib.contract import ContractError
from lib.scorecard.definition import PROJECT, Definition, ScorecardError
from lib.scorecard.differences import differences
from lib.scorecard.lints import warnings
from lib.scorecard.rendering import RenderingError
from lib.scorecard.versions import start_version
from lib.terminal import aligned, say
from lib.warehouse import WarehouseError, open_warehouse


def main(arguments: list[str] | None = None, project: Path = PROJECT) -> int:
    """Run the command line; the exit status says what came of it."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options, project)
    except (ScorecardError, RenderingError, ContractError, WarehouseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def check(options: argparse.Namespace, project: Path) -> int:
    """Errors, as the build would say them, or else warnings."""
    with Definition(project, options.seeds) as definition:
        errors = definition.errors()
        if errors:
            print(f"{len(errors)} error(s) in the scorecard, a build would score nothing.")
            print("\n".join(f"  {error}" for error in errors))
            return 1
        found = warnings(definition, options.today or date.today())
        print("\n".join([f"no error in {definition.place}", *(f"  warning: {one}" for one in found)]))
    return 0


def diff(options: argparse.Namespace, project: Path) -> int:
    """What differs, with what both inherit, seed by seed."""
    with Definition(project, options.seeds) as definition:
        _refuse_errors(definition)
        found = differences(definition, options.before, options.after)
    if not found:
        print(f"{options.before} and {options.after} do not differ, with all that they inherit")
    for seed, members in groupby(found, lambda one: one.seed):
        rows = [
            [one.row_key, one.column, one.before or "-", one.after or "-"] for one in members
        ]
        print(f"== {seed}")
        print("\n".join(aligned(["", "", options.before, options.after], rows, (0, 1))))
    return 0


def new(options: argparse.Namespace, project: Path) -> int:
    """A row in scorecards.csv that extends another version, to which others can be added."""
    with Definition(project, options.seeds) as definition:
        cells = {
            "valid_from": options.valid_from,
            "status": options.status,
            "author": options.author,
            "note": options.note,
        }
        file = start_version(definition, options.version, options.extends, cells)
    scorecard, number = options.version.split("/")
    print(f"{options.version} stands in {file}. As yet it scores as {options.extends} does. Next:")
    print(f"  1. add the rows that differ to dimensions.csv, scorecard_signals.csv …: {scorecard},{number},…")
    print(f"  2. scripts/scorecard.py check, and diff {options.extends} {options.version}")
    print("  3. make build; a shadow is compared with scripts/what_if.py, then made live")
    print(f"  4. scripts/release_scorecard.py {scorecard} {number}")
    return 0


def explain(options: argparse.Namespace, project: Path) -> int:
    """The contributions to a score, those that cost most first."""
    from lib.scorecard.explaining import explanation

    with open_warehouse(options.database) as warehouse:
        say(explanation(warehouse, options.schema, options.account, options.date))
    return 0


def _refuse_errors(definition: Definition) -> None:
    errors = definition.errors()
    if errors:
        raise ScorecardError("\n  ".join(["the scorecard has errors", *errors]))


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    seeds = argparse.ArgumentParser(add_help=False)
    seeds.add_argument(
        "--seeds",
        type=Path,
        metavar="DIR",
        help="folder of the scorecard seeds (default: scorecard in HEALTH_SEEDS, else in seeds)",
    )

    one = commands.add_parser("check", parents=[seeds], help="all errors that would stop a build, and warnings")
    one.set_defaults(run=check)
    one.add_argument(
        "--today",
        type=_day,
        metavar="YYYY-MM-DD",
        help="day against which the age of a version is told (default: the present day)",
    )

    one = commands.add_parser("diff", parents=[seeds], help="what differs between two versions")
    one.set_defaults(run=diff)
    one.add_argument("before", metavar="A", help="such as standard/1")
    one.add_argument("after", metavar="B", help="such as standard/2")

    one = commands.add_parser("new", parents=[seeds], help="start a version from another")
    one.set_defaults(run=new)
    one.add_argument("version", metavar="VERSION", help="such as standard/2")
    one.add_argument(
        "--from", dest="extends", required=True, metavar="VERSION", help="the version it extends"
    )
    one.add_argument(
        "--valid-from", required=True, metavar="YYYY-MM-DD", help="first day on which it holds"
    )
    one.add_argument("--status", choices=("shadow", "live", "expansion"), default="shadow", help="default: shadow")
    one.add_argument("--author", type=_text, required=True, help="who answers for it")
    one.add_argument("--note", type=_text, required=True, help="what changes, and why")

    one = commands.add_parser("explain", help="the contributions to a score, as a table")
    one.set_defaults(run=explain)
    one.add_argument("account", metavar="ACCOUNT", help="account_id")
    one.add_argument(
        "date", metavar="DATE", type=_day, nargs="?", help="a scored day (default: the account's last)"
    )
    add_database(one)
    add_schema(one)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no day; write it as year-month-day") from error


def _text(text: str) -> str:
    """A seed cell: not blank, and without the apostrophe that one engine cannot read."""
    if not text.strip() or "'" in text:
        raise argparse.ArgumentTypeError("must not be blank and must not hold an apostrophe")
    return text.strip()


if __name__ == "__main__":
    # Python's own 1 after an error would read as an error of the seeds.
    sys.exit(guarded(main, broken=2))
