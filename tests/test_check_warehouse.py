"""What keeps a build from its warehouse, or stopped it, is one message with the mend."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import check_warehouse

HOLDER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"


class Place:
    """The folders of a build, and the command run on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.database = folder / "warehouse" / "company.duckdb"
        self._capsys = capsys

    def run(self, *arguments: str) -> tuple[int, str]:
        os.environ["HEALTH_DB"] = str(self.database)
        status = check_warehouse.main(list(arguments))
        printed = self._capsys.readouterr()
        assert not printed.out
        return status, printed.err

    def is_refused(self, *expected: str, since: float | None = None) -> None:
        status, message = self.run(*([] if since is None else ["--since", str(since)]))
        assert status == 1 and message.startswith("error: ") and message.count("\n") == 1
        for text in (*expected, "Mend: "):
            assert text in message

    def make_database(self) -> None:
        self.database.parent.mkdir(parents=True, exist_ok=True)
        duckdb.connect(str(self.database)).close()

    def failed(self, message: str | None) -> None:
        """The results that dbt leaves where a model did not succeed."""
        results = [
            {"unique_id": "model.customer_health.int_one", "message": "OK"},
            {"unique_id": "model.customer_health.int_two", "message": message},
        ]
        target = self.folder / "target"
        target.mkdir(exist_ok=True)
        (target / "run_results.json").write_text(json.dumps({"results": results}))


@pytest.fixture
def place(tmp_path, capsys, monkeypatch) -> Place:
    monkeypatch.setenv("HEALTH_DB", "")
    monkeypatch.delenv("HEALTH_TARGET", raising=False)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    return Place(tmp_path, capsys)


def test_a_new_and_an_old_database_are_fine(place):
    assert place.run() == (0, "")
    assert not place.database.exists(), "a check makes no database"
    place.make_database()
    assert place.run() == (0, "")


def test_a_server_answers_for_itself(place, monkeypatch):
    place.database = Path("/no/folder#/at.all")
    monkeypatch.setenv("HEALTH_TARGET", "postgres")
    assert place.run() == (0, "")


def test_a_database_that_another_program_holds_open(place):
    place.make_database()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "open\n"
        place.is_refused(f"{place.database} is open in ", f"process {holder.pid}", "close it")
        # dbt may meet it, too, where it came between the check and the build.
        place.is_refused(f"process {holder.pid}", since=time.time())
        holder.communicate("\n")
    assert place.run() == (0, "")


@pytest.mark.parametrize("name", ["a#b.duckdb", "it's.duckdb", 'a"b.duckdb', "c#d/company.duckdb"])
def test_names_that_dbt_does_not_take(place, name):
    place.database = place.folder / name
    place.is_refused("the path of the database", "DB=another file")


@pytest.mark.parametrize("name", ["it's a/company.duckdb", "[b] $c %d/my company.duckdb"])
def test_names_that_are_fine(place, name):
    place.database = place.folder / name
    assert place.run() == (0, "")


def test_a_file_that_is_no_database(place):
    place.database.parent.mkdir()
    place.database.write_text("notes")
    place.is_refused("cannot be opened as a DuckDB database", "DB=another file")
    place.database.unlink()
    place.database.mkdir()
    place.is_refused("is a folder")
    place.database = place.folder / "notes" / "company.duckdb"
    (place.folder / "notes").write_text("a file, where a folder should be")
    place.is_refused(f"write to the folder {place.folder / 'notes'}")


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.ENOSPC, "free space on its disk"),
        (errno.EROFS, "let this user write there"),
        (errno.EACCES, "let this user write there"),
    ],
)
@pytest.mark.parametrize("folder", ["warehouse", "target", "logs"])
def test_folders_that_cannot_be_written(place, monkeypatch, number, mend, folder):
    temporary = check_warehouse.tempfile.TemporaryFile

    def failing(dir: Path):
        if dir.name == folder:
            raise OSError(number, os.strerror(number))
        return temporary(dir=dir)

    monkeypatch.setattr(check_warehouse.tempfile, "TemporaryFile", failing)
    place.is_refused(str(place.folder / folder), os.strerror(number), mend)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Could not write file: No space left on device", "the disk is full"),
        ("Could not write file: File too large", "may not grow any more"),
        ("Out of Memory Error: failed to allocate 1 MiB", "HEALTH_MEMORY"),
    ],
)
def test_what_was_used_up_in_a_build(place, message, expected):
    place.make_database()
    place.failed(message)
    place.is_refused(expected, "stopped at int_two", since=time.time() - 60)
    # The results of an earlier build say nothing about this one.
    assert place.run("--since", str(time.time() + 60)) == (0, "")


def test_a_failure_that_dbt_explains_itself(place):
    place.make_database()
    for message in ("Got 3 results, configured to fail if != 0", None):
        place.failed(message)
        assert place.run("--since", "0") == (0, "")
