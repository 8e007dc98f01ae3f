"""scripts/lib/csv_cells.py: no CSV file of a script holds a formula."""

from __future__ import annotations

import ast
import csv
from pathlib import Path

import pytest

from lib.csv_cells import as_written, harmless, harmless_row
from lib.fitting.seeds import write_rows
from lib.scorecard.versions import append_rows
from support.dbt import PROJECT

FORMULAS = ("=1+1", "+1 555 0100", "-5/14/60", "@sum(a1)", "\t=1", " =1", "-1-1", "=", "-")
PLAIN = ("", "a=b", "Harbour - Logistics", "0.5", "-5", "-0.25", "-1e-05", "2026-01-01", "a@b", "'=1")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text_and_comes_back(text):
    assert harmless(text) == f"'{text}"
    assert as_written(harmless(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_anything_else_stays(text):
    assert harmless(text) == text


def test_numbers_and_nothing():
    assert harmless_row([-5, 0.5, None, "x"]) == ["-5", "0.5", "", "x"]
    assert as_written("'tis") == "'tis"


def cells(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def test_rows_added_to_a_seed(tmp_path):
    file = tmp_path / "seed.csv"
    file.write_text("id,points,note\n", encoding="utf-8")
    append_rows(file, [["a", "-5", "=1+1"]])
    assert cells(file)[1:] == [["a", "-5", "'=1+1"]]


def test_rows_that_are_proposed(tmp_path):
    file = write_rows(tmp_path, "seed", ["id", "points"], [{"id": "@a", "points": "-5"}])
    assert cells(file) == [["id", "points"], ["'@a", "-5"]]


# Copies an export into a temporary file, which the importer alone reads, cell by cell as it was.
FOR_NOBODY = {"text_files.py"}


def test_every_script_that_writes_csv_uses_it():
    writers = []
    for path in (PROJECT / "scripts").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("csv.writer", "csv.DictWriter"):
                if path.name in FOR_NOBODY:
                    continue
                writers.append(path)
                assert "harmless_row" in text, f"{path}: its cells may be formulas"
    assert len(writers) >= 3
