"""The scorecard seeds as they lie in the project: what is in force, and rows to propose beside them.

Read from the CSV files and not from the warehouse, because that is where a proposal would be added.
Nothing here writes into the seeds.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lib.csv_cells import harmless_row

PROJECT = Path(__file__).resolve().parents[3]
NONE = "none"  # how a seed spells that no other version is extended

Row = dict[str, str]


class SeedsError(ValueError):
    """Seeds that cannot be read, or lack what was asked for; the message names it and the mend."""


@dataclass(frozen=True)
class Rule:
    """A signal of a version: its weight within its dimension, and its curve."""

    signal_id: str
    dimension_id: str
    weight: Decimal
    curve_id: str


@dataclass(frozen=True)
class Card:
    """A version of a scorecard with what it inherits; rows of weight 0 are out.

    row: its row of scorecards.csv. dimensions: weight by dimension. next_version: the first number that
    no version of the scorecard has. judgements: dimensions that people decide; no coverage counts them.
    """

    scorecard_id: str
    version: str
    row: Row
    dimensions: dict[str, Decimal]
    rules: list[Rule]
    next_version: int
    judgements: frozenset[str] = frozenset()


def default_seeds() -> Path:
    """The scorecard seeds of the project, or those in the folder that HEALTH_SEEDS names."""
    return PROJECT / (os.environ.get("HEALTH_SEEDS") or "seeds") / "scorecard"


def read_rows(folder: Path, seed: str) -> list[Row]:
    """The rows of a seed. Raises SeedsError where there is no such file."""
    path = folder / f"{seed}.csv"
    if not path.is_file():
        raise SeedsError(
            f"{path}: there is no such seed. Mend: name the folder of the scorecard seeds (--seeds)"
        )
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def columns_of(folder: Path, seed: str) -> list[str]:
    """The names in the first line of a seed."""
    with (folder / f"{seed}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines))


def write_rows(folder: Path, seed: str, columns: Sequence[str], rows: Sequence[Row]) -> Path:
    """Write rows to be added to a seed, under the seed's own first line, into another folder."""
    path = folder / f"{seed}.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(harmless_row(row[column] for column in columns) for row in rows)
    return path


def refuse_seeds_folder(out: Path, seeds: Path) -> None:
    """Refuse to write where seeds lie: what was written would be in force at the next build."""
    resolved = out.resolve()
    inside = [resolved.is_relative_to(kept.resolve()) for kept in (seeds, PROJECT / "seeds")]
    if any(inside) or (resolved / "signals.csv").exists():
        raise SeedsError(
            f"{out}: holds seeds, where a proposal would be in force at the next build."
            " Mend: name another folder, read the report, and add the rows yourself"
        )


def card_in_force(folder: Path, scorecard_id: str, on: date) -> Card:
    """The live version of a scorecard on a day, inheritance resolved. Raises SeedsError."""
    versions = read_rows(folder, "scorecards")
    own = [row for row in versions if row["scorecard_id"] == scorecard_id]
    live = [row for row in own if row["status"] == "live" and row["valid_from"] <= on.isoformat()]
    if not live:
        known = ", ".join(sorted({row["scorecard_id"] for row in versions if row["status"] == "live"}))
        raise SeedsError(
            f"{folder}: no scorecard {scorecard_id} is in force on {on}. Mend: name one of: {known}"
        )
    row = max(live, key=lambda version: version["valid_from"])
    by_key = {(version["scorecard_id"], version["scorecard_version"]): version for version in versions}
    lineage = [(row["scorecard_id"], row["scorecard_version"])]
    while (extended := by_key[lineage[-1]])["extends_scorecard_id"] != NONE:
        ancestor = (extended["extends_scorecard_id"], extended["extends_version"])
        if ancestor not in by_key or ancestor in lineage:
            raise SeedsError(
                f"{folder}: {' '.join(lineage[-1])} extends {' '.join(ancestor)}, which does not exist"
                " or extends it. Mend: run make build, and mend what it reports"
            )
        lineage.append(ancestor)

    dimensions: dict[str, Decimal] = {}
    rules: dict[str, Rule] = {}
    seeds = (read_rows(folder, "dimensions"), read_rows(folder, "scorecard_signals"))
    for ancestor in reversed(lineage):
        for cells in seeds[0]:
            if (cells["scorecard_id"], cells["scorecard_version"]) == ancestor:
                dimensions[cells["dimension_id"]] = _number(cells)
        for cells in seeds[1]:
            if (cells["scorecard_id"], cells["scorecard_version"]) == ancestor:
                rules[cells["signal_id"]] = Rule(
                    cells["signal_id"], cells["dimension_id"], _number(cells), cells["curve_id"]
                )
    judged = {row["signal_id"] for row in read_rows(folder, "signals") if row["family"] == "judgement"}
    return Card(
        scorecard_id,
        row["scorecard_version"],
        row,
        {name: weight for name, weight in dimensions.items() if weight > 0},
        [rule for rule in rules.values() if rule.weight > 0 and dimensions.get(rule.dimension_id, 0) > 0],
        1 + max(int(version["scorecard_version"]) for version in own),
        frozenset(rule.dimension_id for rule in rules.values() if rule.signal_id in judged),
    )


def _number(cells: Row) -> Decimal:
    try:
        return Decimal(cells["weight"])
    except InvalidOperation as error:
        raise SeedsError(
            f"a weight of {cells['scorecard_id']} {cells['scorecard_version']} is"
            f' "{cells["weight"]}". Mend: run make build, and mend what it reports'
        ) from error
