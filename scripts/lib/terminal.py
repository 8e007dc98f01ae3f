"""Tables and numbers for the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

# Marks that turn round what stands after them.
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def aligned(
    heads: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)
) -> list[str]:
    """A table as lines; the columns in `left` are flush left, the others flush right."""
    widths = [max(len(line[column]) for line in [heads, *rows]) for column in range(len(heads))]
    return [
        "   "
        + "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in [heads, *rows]
    ]


def plain(number: Decimal) -> str:
    """A number as people write it: 35 and not 35.000000."""
    return f"{number.normalize():f}"


def say(lines: Iterable[str]) -> None:
    """Print lines; a character of a name that would steer the terminal is shown as Python writes it."""
    for line in lines:
        print("".join(_shown(character) for character in line))


def _shown(character: str) -> str:
    steers = unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in _TURNING
    return character.encode("unicode_escape").decode() if steers else character
