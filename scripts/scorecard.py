#!/usr/bin/env python3
"""Work on a scorecard: check its seeds without a build, compare two versions, start a new one, and
explain a score that it gave.

The checks are those of the build, by the same models, run over the CSV files in memory. check looks at
the accounts too, and diff counts them, where there are raw files (HEALTH_RAW) or a warehouse; only
explain needs one: the DuckDB file of --database or HEALTH_DB; with HEALTH_TARGET=postgres the PostgreSQL
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
from lib.csv_cells import harmless
from lib.scorecard.accounts import known_accounts, scored_accounts
from lib.scorecard.definition import PROJECT, Definition, ScorecardError
from lib.scorecard.differences import differences
from lib.scorecard.families import family_rows, left_behind, members, scorecards_of, spelt
from lib.scorecard.lints import versions_left_behind, warnings
from lib.scorecard.rendering import RenderingError
from lib.scorecard.versions import Key, new_version, version_key, version_row, write_checked
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
        family = scorecards_of(definition, options.family) if options.family else None
        accounts = known_accounts(options.database) if definition.rows("account_overrides") else None
        found = warnings(definition, options.today or date.today(), accounts, family)
        if family:
            print(f"family of {options.family}: {', '.join(sorted(family))}")
            found += versions_left_behind(definition, family)
        print("\n".join([f"no error in {definition.place}", *(f"  warning: {one}" for one in found)]))
    return 0


def diff(options: argparse.Namespace, project: Path) -> int:
    """What differs, with what both inherit, seed by seed; whom it concerns."""
    with Definition(project, options.seeds) as definition:
        _refuse_errors(definition)
        before, after = version_key(options.before), version_key(options.after)
        pairs = [(before, after)]
        _print_differences(definition, before, after)
        if options.family:
            old, new = members(definition, before), members(definition, after)
            pairs += [(old[name], new[name]) for name in old if name in new]
            for pair in pairs[1:]:
                print()
                _print_differences(definition, *pair)
        _print_whom_it_concerns(definition, pairs, options)
    return 0


def _print_differences(definition: Definition, before: Key, after: Key) -> None:
    found = differences(definition, spelt(before), spelt(after))
    if not found:
        print(f"{spelt(before)} and {spelt(after)} do not differ, with all that they inherit")
    for seed, group in groupby(found, lambda one: one.seed):
        rows = [[one.row_key, one.column, one.before or "-", one.after or "-"] for one in group]
        print(f"== {seed}")
        print("\n".join(aligned(["", "", spelt(before), spelt(after)], rows, (0, 1))))


def _print_whom_it_concerns(
    definition: Definition, pairs: list[tuple[Key, Key]], options: argparse.Namespace
) -> None:
    """The accounts of each version, where a warehouse counts them, and who keeps the older version."""
    print("== whom it concerns")
    try:
        scored = scored_accounts(options.database, options.schema)
    except WarehouseError as error:
        print(f"   accounts are not counted: {error}")
    else:
        print(f"   at the end of {scored.last_day}:")
        for version in dict.fromkeys(version for pair in pairs for version in pair):
            print(f"   {scored.told(version_row(definition, spelt(version)))}")
    before, after = pairs[0]
    behind = left_behind(definition, before, after) if before[0] == after[0] else []
    if behind:
        print(
            f"   {', '.join(map(spelt, behind))} go on building on {spelt(before)}. Where they are to"
            f" follow: scripts/scorecard.py new --family starts a version of all of them"
        )


def new(options: argparse.Namespace, project: Path) -> int:
    """A row in scorecards.csv that extends another version, to which others can be added."""
    with Definition(project, options.seeds) as definition:
        cells = {
            "valid_from": options.valid_from,
            "status": options.status,
            "author": options.author,
            "note": options.note,
        }
        row = new_version(definition, options.version, options.extends, cells)
        added, names = {"scorecards": [row]}, [options.version]
        if options.family:
            added, names = family_rows(definition, row, options.extends, cells)
        files = write_checked(definition, added)
    scorecard, number = options.version.split("/")
    family = " --family" if options.family else ""
    stands = "stands" if len(names) == 1 else "stand"
    print(
        f"{', '.join(names)} {stands} in {', '.join(map(str, files))}."
        f" As yet {options.version} scores as {options.extends} does. Next:"
    )
    print(f"  1. add the rows that differ to dimensions.csv, scorecard_signals.csv …: {scorecard},{number},…")
    print(f"  2. scripts/scorecard.py check, and diff{family} {options.extends} {options.version}")
    print("  3. make build; a shadow is compared with scripts/what_if.py, then made live")
    for name in names:
        print(f"  4. scripts/release_scorecard.py {name.replace('/', ' ')}")
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
    one.add_argument(
        "--family", metavar="SCORECARD", help="warnings of this scorecard and of all that extend it, alone"
    )
    add_database(one)

    one = commands.add_parser("diff", parents=[seeds], help="what differs between two versions")
    one.set_defaults(run=diff)
    one.add_argument("before", metavar="A", help="such as standard/1")
    one.add_argument("after", metavar="B", help="such as standard/2")
    one.add_argument(
        "--family", action="store_true", help="also of every scorecard that extends A, its versions on A and B"
    )
    add_database(one)
    add_schema(one)

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
    one.add_argument(
        "--family",
        action="store_true",
        help="also a version of every scorecard that extends the one of --from, with its rows",
    )
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
    """A seed cell: not blank, no formula, and without the apostrophe that one engine cannot read."""
    text = text.strip()
    if not text or "'" in text or harmless(text) != text:
        raise argparse.ArgumentTypeError(
            "must not be blank, must not hold an apostrophe and must not begin with = + - or @,"
            " which a spreadsheet would run"
        )
    return text


if __name__ == "__main__":
    # Python's own 1 after an error would read as an error of the seeds.
    sys.exit(guarded(main, broken=2))
