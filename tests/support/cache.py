"""Built worlds, kept between runs under target/worlds by a hash of everything that makes them.

An entry is used only if it was finished and each of its files still has the checksum of then. Who uses
an entry holds a lock on it until the process ends, so that no other one clears it away meanwhile.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import blake2b, file_digest
from importlib.metadata import distributions
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[2]
ROOT = PROJECT / "target" / "worlds"
LIMIT_BYTES = 4 * 2**30

# What a built world is made of, beside what is installed and what it is asked to be. Unit tests change
# nothing in a build, and are edited most.
MADE_OF = (
    "dbt_project.yml", "profiles.yml", "selectors.yml", "requirements.lock", "models/**/*",
    "macros/**/*", "seeds/**/*", "snapshots/**/*", "scripts/generate_raw.py",
    "scripts/lib/__init__.py", "scripts/lib/contract.py", "scripts/lib/world/**/*",
    "tests/support/cache.py", "tests/support/dbt.py", "tests/support/seeds.py", "tests/support/worlds.py",
)  # fmt: skip
NOT_MADE_OF = ("*__unit_tests.yml", "*.pyc")

SUMS = "checksums.json"
# How long an entry that was written into may be in use by somebody who is about to leave it.
PATIENCE_SECONDS = 10

_held: list[IO[str]] = []


def inputs_hash(project: Path = PROJECT) -> str:
    """One hash of every file that a built world is made of, and of the installed packages."""
    files = sorted({file for pattern in MADE_OF for file in project.glob(pattern) if file.is_file()})
    installed = sorted(f"{one.name}=={one.version}" for one in distributions())
    digest = blake2b("\n".join([platform.python_version(), platform.machine(), *installed]).encode())
    for file in files:
        if not any(file.match(pattern) for pattern in NOT_MADE_OF):
            digest.update(f"\n{file.relative_to(project)}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


@cache
def _inputs_at_start() -> str:
    return inputs_hash()


def kept(name: str, asked: object, fill: Callable[[Path], None], root: Path = ROOT) -> Path:
    """The folder that `fill` has filled for what is `asked` of this project, now or in an earlier run.

    `asked` is whatever the folder depends on beside the project, of one spelling. Of the processes that
    ask at once one fills, the others wait. Raises AssertionError if the project is edited while a
    folder is filled, or if a test wrote into one that others read.
    """
    before = _inputs_at_start()
    # A warehouse holds views over the raw files at their absolute paths.
    key = blake2b(f"{root.resolve()}\n{before}\n{asked!r}".encode(), digest_size=10).hexdigest()
    entry = root / f"{name.replace(' ', '_')}-{key}"
    folder = entry / "world"
    while True:
        lock = _locked(entry, fcntl.LOCK_SH)
        if _is_whole(entry):
            os.utime(entry)
            _held.append(lock)
            return folder
        lock.close()
        with _locked_to_fill(entry):
            if _is_whole(entry):
                continue
            (entry / SUMS).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            fill(folder)
            assert inputs_hash() == before, "the project was edited while tests ran: run them again"
            _finish(entry)
        _clear(root, entry)


def _finish(entry: Path) -> None:
    """Say that an entry is whole, in one step that a killed process has either done or not."""
    sums = entry / "checksums.new"
    sums.write_text(json.dumps(_checksums(entry)), encoding="utf-8")
    sums.replace(entry / SUMS)


def _is_whole(entry: Path) -> bool:
    try:
        sums = json.loads((entry / SUMS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return sums == _checksums(entry)


def _checksums(entry: Path) -> dict[str, str]:
    """Every file of an entry, by path."""
    found = {}
    for file in sorted((entry / "world").rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as content:
                found[str(file.relative_to(entry))] = file_digest(content, "blake2b").hexdigest()
    return found


def _locked(entry: Path, how: int) -> IO[str]:
    """The open and locked lock file of an entry, which is not one that was cleared away meanwhile."""
    path = entry / "lock"
    while True:
        entry.mkdir(parents=True, exist_ok=True)
        try:
            lock = path.open("a")
        except FileNotFoundError:
            continue
        fcntl.flock(lock, how)
        try:
            if path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
                return lock
        except FileNotFoundError:
            pass
        lock.close()


def _locked_to_fill(entry: Path) -> IO[str]:
    """The lock of an entry that is not whole; who else wants it waits.

    Raises AssertionError if others in the same run use it, because then one of their tests spoilt it.
    """
    give_up = time.monotonic() + PATIENCE_SECONDS
    while (entry / SUMS).exists():
        try:
            return _locked(entry, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            assert time.monotonic() < give_up, (
                f"{entry} is in use and no longer what was built: a test wrote into it."
                " Mend: let the test copy what it changes"
            )
            time.sleep(0.2)
    return _locked(entry, fcntl.LOCK_EX)


def _clear(root: Path, newest: Path, limit: int | None = None) -> None:
    """Remove the entries that were not used for longest, until what is kept is within the limit."""
    entries = sorted(
        (one for one in root.iterdir() if one.is_dir() and one != newest),
        key=lambda one: one.stat().st_mtime,
        reverse=True,
    )
    size = _bytes([newest])
    for entry in entries:
        size += _bytes([entry])
        if size > (LIMIT_BYTES if limit is None else limit):
            try:
                lock = _locked(entry, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            with lock:
                shutil.rmtree(entry)


def _bytes(folders: Iterable[Path]) -> int:
    return sum(
        file.stat().st_size
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    )
