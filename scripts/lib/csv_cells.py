"""CSV for people: what a spreadsheet would run as a formula is written as text."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What a spreadsheet takes for the beginning of a formula, after the blanks that it passes over.
_FORMULA = re.compile(r"\s*[=+\-@]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
MARK = "'"


def harmless(cell: object) -> str:
    """A cell as text; an apostrophe stands before one that begins a formula. Numbers stay numbers."""
    text = "" if cell is None else str(cell)
    return MARK + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def harmless_row(cells: Iterable[object]) -> list[str]:
    """A row for csv.writer."""
    return [harmless(cell) for cell in cells]


def as_written(text: str) -> str:
    """A cell that `harmless` wrote, as it was before."""
    return text[1:] if text.startswith(MARK) and harmless(text[1:]) == text else text
