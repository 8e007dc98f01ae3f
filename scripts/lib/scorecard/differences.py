"""What differs between two versions of scorecards, each with all that it inherits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lib.terminal import plain

from .definition import Definition, ScorecardError
from .versions import Key, version_key, version_row

VERSION = ["scorecard_id", "scorecard_version"]
SHARE = "percent of the score"


@dataclass(frozen=True)
class Difference:
    """A cell that differs; a side that has no such row is None."""

    seed: str
    row_key: str
    column: str
    before: str | None
    after: str | None


def differences(definition: Definition, before: str, after: str) -> list[Difference]:
    """All cells that differ, by seed: settings, every versioned seed, then curves by control point.

    Raises ScorecardError where a version is not there or a versioned seed says not what it inherits.
    """
    keys = version_key(before), version_key(after)
    sides = [_settings(definition, before), _settings(definition, after)]
    found = list(_compared("scorecards", *sides))
    for seed in versioned_seeds(definition):
        sides = [_inherited(definition, seed, key) for key in keys]
        if seed == "scorecard_signals":
            for side, key in zip(sides, keys, strict=True):
                _add_shares(definition, side, key)
        found += _compared(seed, *sides)
    return found + list(_curves(definition, *keys))


def versioned_seeds(definition: Definition) -> list[str]:
    """The seeds whose rows belong to a version, and are inherited."""
    return [
        seed for seed, shape in definition.shapes.items()
        if shape["key"][:2] == VERSION and len(shape["key"]) > 2
    ]  # fmt: skip


def _settings(definition: Definition, text: str) -> dict[str, dict[str, str]]:
    row = version_row(definition, text)
    return {"": {column: row[column] for column in row if column not in VERSION}}


def _inherited(definition: Definition, seed: str, version: Key) -> dict[str, dict[str, str]]:
    """The rows of a version with what it inherits, by key within the version."""
    model = f"base_scorecard__{seed.removeprefix('scorecard_')}"
    if not definition.has_model(model):
        raise ScorecardError(
            f"{seed}: no model {model} says what a version inherits of it. Mend: add one"
        )
    shape = definition.shapes[seed]
    return {
        "/".join(row[column] for column in shape["key"][2:]): {
            column: _spelt(row[column]) for column in shape["cells"]
        }
        for row in definition.rows(model)
        if (row["scorecard_id"], row["scorecard_version"]) == version
    }


def _add_shares(definition: Definition, side: dict[str, dict[str, str]], version: Key) -> None:
    """What a signal makes of the whole score when everything is observed."""
    for cells in side.values():
        cells[SHARE] = "0"
    for rule in definition.rows("stg_scorecard__rules"):
        if (rule["scorecard_id"], str(rule["scorecard_version"])) == version:
            share = rule["dimension_weight"] * rule["signal_weight"] / 100
            side[rule["signal_id"]][SHARE] = _spelt(share)


def _curves(definition: Definition, before: Key, after: Key) -> Iterator[Difference]:
    """Points at every control point, for signals that stand in both versions on different curves."""
    curves: dict[str, dict[Decimal, str]] = {}
    for row in definition.rows("curves"):
        curves.setdefault(row["curve_id"], {})[Decimal(row["x"])] = _spelt(Decimal(row["points"]))
    sides = [_inherited(definition, "scorecard_signals", key) for key in (before, after)]
    for signal_id in sorted(sides[0].keys() & sides[1].keys()):
        first, second = (curves[side[signal_id]["curve_id"]] for side in sides)
        for x in sorted({*first, *second}):
            if first.get(x) != second.get(x):
                where = f"{signal_id} at {_spelt(x)}"
                yield Difference("curves", where, "points", first.get(x), second.get(x))


def _compared(
    seed: str, before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> Iterator[Difference]:
    for row_key in sorted({*before, *after}):
        first, second = before.get(row_key, {}), after.get(row_key, {})
        for column in first or second:
            if first.get(column) != second.get(column):
                yield Difference(seed, row_key, column, first.get(column), second.get(column))


def _spelt(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)
