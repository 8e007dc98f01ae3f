"""Tests on several processes (pytest -n): what runs together, and what begins first."""

from collections.abc import Sequence

import pytest

# A unit runs on one process. It is a file, or a part of a file whose tests share nothing that is built for them.
PARTS = {
    "test_incremental.py::test_killed": "killed",
    "test_incremental.py::test_of_two": "killed",
    "test_incremental.py::test_a_": "killed",
    "test_incremental.py::test_full_refresh": "killed",
    "test_incremental.py::test_days": "killed",
    "test_incremental.py::test_features": "killed",
    "test_incremental.py::test_tests": "killed",
}
# What takes longest, so that no process is left alone with it in the end. Others follow in their order.
LONGEST = (
    "test_incremental.py killed",
    "test_incremental.py",
    "test_reference.py",
    "test_scorecard_errors.py",
    "test_known_truth.py",
    "test_engines.py",
    "test_fuzz.py",
    "test_unit_tests.py",
)


def unit_of(nodeid: str) -> str:
    name = nodeid.rpartition("/")[2]
    file = name.partition("::")[0]
    parts = [part for start, part in PARTS.items() if name.startswith(start)]
    return " ".join([file, *parts])


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests with those of the longest units first."""
    places = {unit: place for place, unit in enumerate(LONGEST)}
    return sorted(items, key=lambda item: places.get(unit_of(item.nodeid), len(places)))
