"""Tables and numbers for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


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
