"""Versions of scorecards by name, and a new one."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from .definition import Definition, Row, ScorecardError

Key = tuple[str, str]


def version_key(text: str) -> Key:
    """Scorecard and number, as the seeds write them, of a text such as standard/2."""
    found = re.fullmatch(r"([^/\s]+)/(0|[1-9]\d*)", text)
    if not found:
        raise ScorecardError(
            f"{text} names no version. Mend: write scorecard/version, such as standard/2"
        )
    return found[1], found[2]


def version_row(definition: Definition, text: str) -> Row:
    """The row of scorecards.csv of a version that is there."""
    key = version_key(text)
    rows = {_key(row): row for row in definition.rows("scorecards")}
    if key not in rows:
        known = ", ".join("/".join(one) for one in sorted(rows))
        raise ScorecardError(f"there is no version {text}. Mend: name one of: {known}")
    return rows[key]


def start_version(definition: Definition, text: str, extended: str, cells: dict[str, str]) -> Path:
    """Append a version to scorecards.csv that extends another; return the file.

    cells: the columns that differ from the row of the version it extends. Raises ScorecardError before
    anything is written, also where the row itself would stop a build.
    """
    key = version_key(text)
    base = version_row(definition, extended)
    if key in {_key(row) for row in definition.rows("scorecards")}:
        numbers = [
            int(row["scorecard_version"])
            for row in definition.rows("scorecards")
            if row["scorecard_id"] == key[0] and row["scorecard_version"].isdigit()
        ]
        raise ScorecardError(
            f"{text} exists already. Mend: name the next one, {key[0]}/{1 + max(numbers, default=0)}"
        )
    row = {
        **base,
        "scorecard_id": key[0],
        "scorecard_version": key[1],
        "extends_scorecard_id": base["scorecard_id"],
        "extends_version": base["scorecard_version"],
        **cells,
    }
    before = definition.errors()
    definition.add("scorecards", row)
    new = [error for error in definition.errors() if error not in before]
    if new:
        raise ScorecardError("\n  ".join(["the new row has errors, nothing was written", *new]))
    append_rows(definition.folder / "scorecards.csv", [list(row.values())])
    return definition.place / "scorecards.csv"


def append_rows(file: Path, rows: Iterable[Sequence[str]]) -> None:
    """Add lines to a seed and leave its others byte by byte as they are; a reader sees all or none."""
    before = file.read_bytes()
    ending = b"\r\n" if b"\r\n" in before else b"\n"
    added = io.StringIO()
    csv.writer(added, lineterminator=ending.decode()).writerows(rows)
    if not before.endswith(b"\n"):
        before += ending
    unfinished = file.with_name(f".{file.name}.unfinished-{os.getpid()}")
    unfinished.write_bytes(before + added.getvalue().encode("utf-8"))
    unfinished.replace(file)


def _key(row: Row) -> Key:
    return row["scorecard_id"], row["scorecard_version"]
