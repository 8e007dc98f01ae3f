"""Tests on several processes (pytest -n): what runs together, what begins first, what is built once for all."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder that is the same one for all processes of a run of pytest."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def once(folder: Path) -> Iterator[bool]:
    """Whether this process is to fill the folder; the others wait until that is done.

    If it fails, the next one begins anew.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder.with_name(f"{folder.name}.done")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            yield False
            return
        shutil.rmtree(folder, ignore_errors=True)
        yield True
        done.touch()
