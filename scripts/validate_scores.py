#!/usr/bin/env python3
"""Hold the scores against what happened later, and say whether they predict who leaves.

Reads the marts and nothing else; writes validation.json and validation.html (docs/validation.md).
The warehouse is the DuckDB file of --database or HEALTH_DB; with HEALTH_TARGET=postgres it is the
PostgreSQL database that the HEALTH_PG_* settings name (profiles.yml).

Exit status: 0 the score predicts; 1 it is not shown to predict (the worst band does not leave more than
the best, beyond the interval of the difference); 2 it could not be judged. With --any-verdict, as make
validate runs it, a verdict is no error: 0 for each that was reached, 2 where none could be.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lib.command_line import (
    add_database,
    add_horizon,
    add_resamples,
    add_schema,
    guarded,
    new_parser,
)
from lib.validation.judge import Findings, judge
from lib.validation.reading import choose_horizon, horizons, read_marts
from lib.validation.report import write_report
from lib.validation.verdict import Status
from lib.warehouse import WarehouseError, open_warehouse

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
    status = findings.verdict.status
    if options.any_verdict and status and not broken:
        print(
            "   This is a finding and no error. In CI run scripts/validate_scores.py, which ends with"
            f" the exit status {status:d} for it."
        )
        return 0
    return status


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
    parser = new_parser(__doc__)
    add_database(parser)
    add_schema(parser)
    add_horizon(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=DEFAULT_OUT,
        metavar="DIR",
        help="folder for validation.json and validation.html (default: %(default)s)",
    )
    parser.add_argument(
        "--any-verdict", action="store_true", help="exit status 0 whatever the verdict says"
    )
    add_resamples(parser)
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main, Status.NOT_JUDGED))
