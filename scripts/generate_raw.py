#!/usr/bin/env python3
"""Make a demo company: every table of the raw contract as Parquet, with its truth kept apart."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from lib.contract import ContractError, read_contract
from lib.world.build import generate
from lib.world.parameters import Parameters, WorldError
from lib.world.shape import DEFAULT, WORLDS

PROJECT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status (0 made, 2 refused)."""
    options = _parser().parse_args(arguments)
    truth = options.truth or options.out.parent / "truth"
    parameters = Parameters(
        options.accounts, options.weeks, options.events, options.seed, options.end
    )
    try:
        if truth.resolve() == options.out.resolve():
            raise WorldError("--truth must not be --out: no model may read the truth")
        manifest = generate(
            read_contract(PROJECT),
            parameters,
            options.out,
            truth,
            shape=WORLDS[options.world],
            threads=options.threads,
            memory_limit=options.memory_limit,
            say=(lambda message: None) if options.quiet else _say,
        )
    except (WorldError, ContractError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not options.quiet:
        for table, rows in manifest["rows"].items():
            print(f"{table:<20}{rows:>14,}")
        dirty = sum(kind["rows"] for kinds in manifest["dirt"].values() for kind in kinds.values())
        print(f"{dirty:,} of these rows are dirt; {options.out / 'manifest.json'} counts the kinds")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Make a demo company: every table of the raw contract as Parquet, with known "
        "dirt counted in manifest.json. The truth (hidden health, true risk of leaving, planted "
        "cases, which row is dirt) goes to a folder of its own that no model reads. The same "
        "arguments give the same bytes, whatever the number of threads.",
    )
    parser.add_argument(
        "--world",
        choices=sorted(WORLDS),
        default=DEFAULT.name,
        help="shape of the world: in 'shifted' effects drift from half time on, the quiet season is"
        " winter, and from a quarter of the accounts tickets mean engagement (default %(default)s)",
    )
    parser.add_argument("--accounts", type=int, default=1_500, help="accounts (default %(default)s)")
    parser.add_argument("--weeks", type=int, default=104, help="full weeks (default %(default)s)")
    parser.add_argument(
        "--events",
        type=int,
        default=1_000_000,
        help="usage events, met within 5 %% (default %(default)s); above four million they are "
        "written as usage_events/part-NNNN.parquet",
    )
    parser.add_argument("--seed", type=int, default=7, help="which world (default %(default)s)")
    parser.add_argument(
        "--end",
        type=_date,
        default=date(2026, 6, 28),
        help="last day of the world, a Sunday (default %(default)s)",
    )
    parser.add_argument(
        "--out", type=Path, default=PROJECT / "data" / "raw", help="folder (default data/raw)"
    )
    parser.add_argument(
        "--truth", type=Path, help="folder for the truth (default: truth beside --out)"
    )
    parser.add_argument("--threads", type=int, help="threads (default: one per processor)")
    parser.add_argument(
        "--memory-limit",
        default="2500MB",
        help="what DuckDB may hold in memory (default %(default)s)",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing unless it fails")
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date such as 2026-06-28") from error


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
