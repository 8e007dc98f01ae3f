"""What the scripts that read the warehouse share on their command lines."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable
from pathlib import Path

from lib.validation.limits import BOOTSTRAPS, SEED
from lib.warehouse import DEFAULT_DATABASE


def new_parser(description: str) -> argparse.ArgumentParser:
    """A parser that shows a script's docstring as it is written."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def add_database(parser: argparse.ArgumentParser) -> None:
    """The DuckDB file; for open_warehouse."""
    parser.add_argument(
        "--database",
        type=Path,
        metavar="FILE",
        help=f"DuckDB file (default: HEALTH_DB, else {DEFAULT_DATABASE})",
    )


def add_schema(parser: argparse.ArgumentParser) -> None:
    """The schema of the marts."""
    parser.add_argument(
        "--schema",
        default="marts",
        help="schema of the marts, with its prefix if health__schema_prefix is set"
        " (default: %(default)s)",
    )


def add_horizon(parser: argparse.ArgumentParser) -> None:
    """Which outcome is looked at."""
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


def add_resamples(parser: argparse.ArgumentParser) -> None:
    """How often to resample, and how to repeat it."""
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


def guarded(main: Callable[[], int], broken: int) -> int:
    """The exit status of main, or `broken`: Python's own 1 after an error would read as a finding."""
    try:
        return main()
    except Exception:
        traceback.print_exc()
        return broken


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number
