"""Running scripts/validate_scores.py on a warehouse, and on one that was spoilt."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

import validate_scores


def change(database: Path, *statements: str) -> None:
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)


def validate(
    database: Path | None, out: Path, *arguments: str, bootstraps: int = 100
) -> tuple[int, dict]:
    """Exit status and validation.json of the command."""
    named = [] if database is None else ["--database", str(database)]
    status = validate_scores.main(
        [*named, "--out", str(out), "--bootstraps", str(bootstraps), *arguments]
    )
    return status, json.loads((out / "validation.json").read_text())


def leak(copied: Path, out: Path, capsys, *statements: str) -> dict:
    """The integrity counts of a spoilt world, which must not be judged, and must say so loudly."""
    change(copied, *statements)
    status, found = validate(copied, out, bootstraps=20)
    said = capsys.readouterr()
    assert (status, said.out) == (2, "") and "error: " in said.err
    assert found["verdict"]["status"] == "not_judged"
    assert found["discrimination"] is None and found["bands"] is None
    return found["integrity"]
