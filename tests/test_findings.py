"""Findings in the raw data: each one that a model looks for has words, and each wording a model."""

from __future__ import annotations

import csv
import re

import pytest

from support.dbt import PROJECT

MODELS = PROJECT / "models/intermediate/findings"
FIGURES = {"rows", "accounts", "example", "source"}


def wordings() -> list[dict[str, str]]:
    with (PROJECT / "seeds/scorecard/finding_wordings.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_models_and_wordings_belong_together():
    looked_for = {
        finding
        for model in MODELS.glob("*.sql")
        for finding in re.findall(r"'(\w+)' as finding_id", model.read_text(encoding="utf-8"))
    }
    assert looked_for == {row["finding_id"] for row in wordings()}


def test_the_mart_reads_every_model():
    mart = (PROJECT / "models/marts/operations/data_findings.sql").read_text(encoding="utf-8")
    read = set(re.findall(r"^    '(\w+)',$", mart, re.M))
    assert read == {model.stem.removeprefix("int_findings__") for model in MODELS.glob("*.sql")}


@pytest.mark.parametrize("row", wordings(), ids=lambda row: row["finding_id"])
def test_a_wording_uses_figures_that_there_are(row):
    assert set(re.findall(r"{(.*?)}", row["says"] + row["mend"])) <= FIGURES
    # The summary writes the stop, and "Mend: " before the mend.
    assert not row["says"].endswith(".") and not row["mend"].startswith("Mend")
