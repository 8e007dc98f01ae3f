"""The arguments that both scripts take."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.command_line import add_database, add_horizon, add_resamples, add_schema


def add_shared_arguments(parser: argparse.ArgumentParser, out: Path) -> None:
    """Where to read, what to predict, where to write, and how often to resample."""
    add_database(parser)
    add_schema(parser)
    parser.add_argument(
        "--seeds",
        type=Path,
        metavar="DIR",
        help="folder of the scorecard seeds, only read (default: scorecard in HEALTH_SEEDS, else in seeds)",
    )
    add_horizon(parser)
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
    add_resamples(parser)


def _text(text: str) -> str:
    """A seed cell: not blank, and without the apostrophe that one engine cannot read."""
    if not text.strip() or "'" in text:
        raise argparse.ArgumentTypeError("must not be blank and must not hold an apostrophe")
    return text.strip()
