"""The options that both commands share."""

from __future__ import annotations

import argparse
from datetime import date

from lib.command_line import add_database, add_resamples, new_parser

from .versions import Schemas


def parser(description: str) -> argparse.ArgumentParser:
    """A parser of LIVE, SHADOW and where to look."""
    found = new_parser(description)
    found.add_argument("live", metavar="LIVE", help="live version, such as standard/1")
    found.add_argument("shadow", metavar="SHADOW", help="shadow version, such as standard/2")
    add_database(found)
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
    add_resamples(found)
    return found
