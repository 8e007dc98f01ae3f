#!/usr/bin/env python3
"""Hold the scores against what happened later, and say whether they predict who leaves.

Reads the marts and nothing else; writes validation.json and validation.html (docs/validation.md).
The warehouse is the DuckDB file of --database or HEALTH_DB; with HEALTH_TARGET=postgres it is the
PostgreSQL database that the HEALTH_PG_* settings name (profiles.yml).

Exit status: 0 the score predicts; 1 it is not shown to predict (the worst band does not leave more than
the best, beyond the interval of the difference); 2 it could not be judged.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path

from lib.validation.bootstrap import SEED
from lib.validation.judge import Findings, judge
from lib.validation.limits import BOOTSTRAPS
from lib.validation.reading import choose_horizon, horizons, read_marts
from lib.validation.report import write_report
from lib.validation.verdict import Status
from lib.warehouse import DEFAULT_DATABASE, WarehouseError, open_warehouse

DEFAULT_OUT = Path("target/validation")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status says what was found."""
    options = _parser().parse_args(arguments)
    try:
        with open_warehouse(options.database) as warehouse:
            found = horizons(warehouse, options.schema)
            horizon = choose_horizon(found, options.horizon, options.gap)
            marts = read_marts(warehouse, options.schema, horizon)
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return Status.NOT_JUDGED
    findings = judge(marts, options.bootstraps, options.seed, quiet=not sys.stderr.isatty())
    written = write_report(findings, options.out)
    broken = any(findings.integrity.values())
    print("\n".join(_summary(findings, written)), file=sys.stderr if broken else sys.stdout)
    return findings.verdict.status


def _summary(findings: Findings, written: list[Path]) -> list[str]:
    """What the terminal shows: the verdict, what to be careful about, and where the rest is."""
    errors = [
        f"error: {name}: {count:,}, and must be 0. Mend: find the model that lets the future in"
        for name, count in findings.integrity.items()
        if count
    ]
    counts = findings.counts
    return [
        *errors,
        f"== {findings.verdict.sentence}",
        f"   churns in the time judged: {counts.churns:,}, of accounts never scored before:"
        f" {counts.churns_never_scored:,}",
        f"   rows scored after churn: {findings.integrity['rows_scored_after_churn']:,}",
        *(f"   careful: {warning}" for warning in findings.warnings),
        f"   refused: {len(findings.refused):,} figures, each with its reason in the report",
        f"   {', '.join(map(str, written))}",
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--database",
        type=Path,
        metavar="FILE",
        help=f"DuckDB file (default: HEALTH_DB, else {DEFAULT_DATABASE})",
    )
    parser.add_argument(
        "--schema",
        default="marts",
        help="schema of the marts, with its prefix if health__schema_prefix is set"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--horizon",
        metavar="NAME|DAYS",
        help="horizon of the seed outcome_horizons, by its id or its days (default: the shortest)",
    )
    parser.add_argument(
        "--gap",
        type=int,
        metavar="DAYS",
        help="days between observation and window, where several horizons have the same days",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=DEFAULT_OUT,
        metavar="DIR",
        help="folder for validation.json and validation.html (default: %(default)s)",
    )
    parser.add_argument(
        "--bootstraps",
        type=_positive,
        default=BOOTSTRAPS,
        metavar="N",
        help="how often accounts are resampled for the intervals (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=SEED, help="seed of all random choices (default: %(default)s)"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _guarded() -> int:
    """The exit status of main; Python's own 1 after an error would read as a verdict."""
    try:
        return main()
    except Exception:
        traceback.print_exc()
        return Status.NOT_JUDGED


if __name__ == "__main__":
    sys.exit(_guarded())
