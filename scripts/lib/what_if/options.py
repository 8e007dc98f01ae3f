"""The options that both commands share."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from lib.validation.limits import BOOTSTRAPS
from lib.warehouse import DEFAULT_DATABASE

from .versions import Schemas


def parser(description: str) -> argparse.ArgumentParser:
    """A parser of LIVE, SHADOW and where to look."""
    found = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("live", metavar="LIVE", help="live version, such as standard/1")
    found.add_argument("shadow", metavar="SHADOW", help="shadow version, such as standard/2")
    found.add_argument(
        "--database",
        type=Path,
        metavar="FILE",
        help=f"DuckDB file (default: HEALTH_DB, else {DEFAULT_DATABASE})",
    )
    found.add_argument(
        "--schema-prefix",
        type=Schemas,
        default=Schemas(),
        dest="schemas",
        metavar="PREFIX",
        help="what health__schema_prefix puts before every schema, if it is set",
    )
    found.add_argument(
        "--since",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="first day to compare (default: the first on which both were scored)",
    )
    found.add_argument(
        "--bootstraps",
        type=_positive,
        default=BOOTSTRAPS,
        metavar="N",
        help="how often accounts are resampled for intervals (default: %(default)s)",
    )
    found.add_argument(
        "--seed", type=int, default=1, help="seed of the resamples (default: %(default)s)"
    )
    return found


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number
