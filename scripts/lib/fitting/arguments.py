"""The arguments that both scripts take."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.validation.limits import BOOTSTRAPS
from lib.warehouse import DEFAULT_DATABASE


def add_shared_arguments(parser: argparse.ArgumentParser, out: Path) -> None:
    """Where to read, what to predict, where to write, and how often to resample."""
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
        "--seeds",
        type=Path,
        metavar="DIR",
        help="folder of the scorecard seeds, only read (default: scorecard in HEALTH_SEEDS, else in seeds)",
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
        default=out,
        metavar="DIR",
        help="folder for the report and the rows, never one of seeds (default: %(default)s)",
    )
    parser.add_argument(
        "--author", type=_text, default="proposed", help="cell author of the rows (default: %(default)s)"
    )
    parser.add_argument(
        "--bootstraps",
        type=_positive,
        default=BOOTSTRAPS,
        metavar="N",
        help="how often accounts are resampled for the intervals (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="seed of all random choices (default: %(default)s)"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _text(text: str) -> str:
    """A seed cell: not blank, and without the apostrophe that one engine cannot read."""
    if not text.strip() or "'" in text:
        raise argparse.ArgumentTypeError("must not be blank and must not hold an apostrophe")
    return text.strip()
