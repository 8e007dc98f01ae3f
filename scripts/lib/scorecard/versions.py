"""Versions of scorecards by name, and a new one."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lib.csv_cells import harmless_row

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


def key_of(row: Row) -> Key:
    """Scorecard and number of a row of a seed."""
    return row["scorecard_id"], row["scorecard_version"]


def version_row(definition: Definition, text: str) -> Row:
    """The row of scorecards.csv of a version that is there."""
    key = version_key(text)
    rows = {key_of(row): row for row in definition.rows("scorecards")}
    if key not in rows:
        known = ", ".join("/".join(one) for one in sorted(rows))
        raise ScorecardError(f"there is no version {text}. Mend: name one of: {known}")
    return rows[key]


def new_version(definition: Definition, text: str, extended: str, cells: dict[str, str]) -> Row:
    """The row of a version that is not there yet and extends another; nothing is written.

    cells: the columns that differ from the row of the version it extends. Raises ScorecardError.
    """
    key = version_key(text)
    base = version_row(definition, extended)
    if key in {key_of(row) for row in definition.rows("scorecards")}:
        raise ScorecardError(
            f"{text} exists already. Mend: name the next one, {key[0]}/{1 + newest(definition, key[0])}"
        )
    return {
        **base,
        "scorecard_id": key[0],
        "scorecard_version": key[1],
        "extends_scorecard_id": base["scorecard_id"],
        "extends_version": base["scorecard_version"],
        **cells,
    }


def newest(definition: Definition, scorecard_id: str) -> int:
    """The highest number of a version of the scorecard; 0 where it has none."""
    return max(
        (
            int(row["scorecard_version"])
            for row in definition.rows("scorecards")
            if row["scorecard_id"] == scorecard_id and row["scorecard_version"].isdigit()
        ),
        default=0,
    )


def write_checked(definition: Definition, added: Mapping[str, Sequence[Row]]) -> list[Path]:
    """Append rows to seeds; return the files. Writes nothing where the rows bring errors.

    Raises ScorecardError.
    """
    before = definition.errors()
    for seed, rows in added.items():
        for row in rows:
            definition.add(seed, row)
    new = [error for error in definition.errors() if error not in before]
    if new:
        raise ScorecardError("\n  ".join(["the new row has errors, nothing was written", *new]))
    for seed, rows in added.items():
        append_rows(definition.folder / f"{seed}.csv", [list(row.values()) for row in rows])
    return [definition.place / f"{seed}.csv" for seed in added]


def append_rows(file: Path, rows: Iterable[Sequence[str]]) -> None:
    """Add lines to a seed and leave its others byte by byte as they are; a reader sees all or none."""
    before = file.read_bytes()
    ending = b"\r\n" if b"\r\n" in before else b"\n"
    added = io.StringIO()
    csv.writer(added, lineterminator=ending.decode()).writerows(map(harmless_row, rows))
    if not before.endswith(b"\n"):
        before += ending
    unfinished = file.with_name(f".{file.name}.unfinished-{os.getpid()}")
    unfinished.write_bytes(before + added.getvalue().encode("utf-8"))
    unfinished.replace(file)
