"""Built worlds are kept between runs, and none is used that this project would not build."""

import multiprocessing
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support import cache
from support.dbt import PROJECT

pytestmark = pytest.mark.quick


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of a few files, of the kinds that a built world is made of, and one that it is not."""
    for name in (
        "models/a.sql", "models/_a__models.yml", "models/_a__unit_tests.yml", "macros/b.sql",
        "seeds/scorecard/c.csv", "scripts/generate_raw.py", "scripts/lib/world/sql/d.sql",
        "requirements.lock", "dbt_project.yml", "profiles.yml", "README.md",
    ):  # fmt: skip
        file = tmp_path / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("before")
    return tmp_path / "project"


@pytest.mark.parametrize(
    "file, changes",
    [
        ("models/a.sql", True), ("models/_a__models.yml", True), ("macros/b.sql", True),
        ("seeds/scorecard/c.csv", True), ("scripts/generate_raw.py", True),
        ("scripts/lib/world/sql/d.sql", True), ("requirements.lock", True), ("dbt_project.yml", True),
        ("profiles.yml", True), ("models/_a__unit_tests.yml", False), ("README.md", False),
    ],
)  # fmt: skip
def test_what_changes_a_build_changes_the_hash(project: Path, file: str, changes: bool) -> None:
    before = cache.inputs_hash(project)
    assert cache.inputs_hash(project) == before
    (project / file).write_text("after")
    assert (cache.inputs_hash(project) != before) == changes
    (project / file).unlink()
    assert (cache.inputs_hash(project) != before) == changes


def test_the_generator_is_made_of_what_is_hashed() -> None:
    said = (
        "import sys, pathlib; import generate_raw;"
        "print(*(m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", said], cwd=PROJECT / "scripts", capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    scripts = {Path(line) for line in done.stdout.splitlines() if line.startswith(f"{PROJECT}/scripts")}
    hashed = {file for pattern in cache.MADE_OF for file in PROJECT.glob(pattern)}
    assert len(scripts) > 5 and scripts <= hashed


class Filled:
    """Counts how often a folder is filled."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, folder: Path) -> None:
        self.times += 1
        (folder / "rows").write_text("right")


def test_an_entry_is_filled_once_for_what_is_asked(tmp_path: Path) -> None:
    fill = Filled()
    folder = cache.kept("a world", {"seed": 1}, fill, tmp_path)
    assert cache.kept("a world", {"seed": 1}, fill, tmp_path) == folder and fill.times == 1
    assert cache.kept("a world", {"seed": 2}, fill, tmp_path) != folder and fill.times == 2


def test_what_was_not_finished_is_not_used(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "rows").write_text("half of")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.kept("a", 1, fails, tmp_path)
    fill = Filled()
    folder = cache.kept("a", 1, fill, tmp_path)
    assert fill.times == 1 and (folder / "rows").read_text() == "right"


@pytest.mark.parametrize("damage", ["changed", "gone", "added", "no checksums"])
def test_what_was_changed_since_is_filled_anew(tmp_path: Path, damage: str) -> None:
    fill = Filled()
    folder = cache.kept("a", 1, fill, tmp_path)
    while cache._held:
        cache._held.pop().close()
    if damage == "changed":
        (folder / "rows").write_text("wrong")
    elif damage == "gone":
        (folder / "rows").unlink()
    elif damage == "added":
        (folder / "more").touch()
    else:
        (folder.parent / cache.SUMS).write_text("{")
    assert cache.kept("a", 1, fill, tmp_path) == folder
    assert fill.times == 2 and [file.name for file in folder.iterdir()] == ["rows"]


def test_a_test_that_writes_into_a_shared_entry_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "PATIENCE_SECONDS", 0)
    folder = cache.kept("a", 1, Filled(), tmp_path)
    (folder / "rows").write_text("wrong")
    with pytest.raises(AssertionError, match="a test wrote into it"):
        cache.kept("a", 1, Filled(), tmp_path)


def test_an_edit_while_it_is_filled_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "inputs_hash", lambda: "edited")
    with pytest.raises(AssertionError, match="edited while tests ran"):
        cache.kept("a", 1, Filled(), tmp_path)
    assert not list(tmp_path.rglob(cache.SUMS))


def _fill_slowly(folder: Path) -> None:
    with (folder.parent.parent / "filled").open("a") as file:
        file.write("once\n")
    time.sleep(0.5)
    (folder / "rows").write_text("right")


def _ask(root: Path) -> None:
    assert (cache.kept("a", 1, _fill_slowly, root) / "rows").read_text() == "right"


def test_of_processes_that_ask_at_once_one_fills(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    processes = [
        multiprocessing.get_context("spawn").Process(target=_ask, args=(tmp_path / "root",))
        for _ in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert (tmp_path / "root" / "filled").read_text() == "once\n"


def test_what_was_not_used_for_longest_goes_and_what_is_in_use_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LIMIT_BYTES", 12)
    used = cache.kept("used", 1, Filled(), tmp_path)
    for name in ("older", "newer"):
        cache.kept(name, 1, Filled(), tmp_path)
        cache._held.pop().close()
    left = {folder.name.split("-")[0] for folder in tmp_path.iterdir()}
    assert used.exists() and "newer" in left and "older" not in left
    shutil.rmtree(tmp_path)
