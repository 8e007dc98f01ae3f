"""scripts/check_demo.py: what it counts, what it does not build again. The worlds themselves take long: make check-demo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import check_demo
import generate_raw
from support.dbt import PROJECT


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds that were built; every third is not shown to predict."""
    seeds: list[int] = []

    def judged(seed: int, work: Path) -> dict:
        seeds.append(seed)
        return {"row": ["1,000", "200", "+1.0 (-1.0 to +3.0)", int(seed % 3 == 0)], "sentence": "…"}

    monkeypatch.setattr(check_demo, "judged", judged)
    return seeds


def check(work: Path, *arguments: str) -> int:
    return check_demo.main(["--work", str(work), "--seeds", "6", *arguments])


def test_the_status_is_that_of_enough_seeds(built, tmp_path: Path, capsys) -> None:
    assert check(tmp_path, "--at-least", "4") == 0
    assert check(tmp_path, "--at-least", "5") == 1
    assert capsys.readouterr().out.count("predict on 4 of 6 seeds") == 2
    # The twenty of the documentation, of which eighteen are asked for.
    assert check_demo.main(["--work", str(tmp_path)]) == 1
    assert "predict on 14 of 20 seeds" in capsys.readouterr().out
    assert built == list(range(1, 21))


def test_a_run_that_was_stopped_goes_on(built, tmp_path: Path, capsys, monkeypatch) -> None:
    check(tmp_path, "--first", "3")
    first = capsys.readouterr().out
    (tmp_path / "seed_5.json").unlink()
    check(tmp_path, "--first", "3")
    assert built == [3, 4, 5, 6, 7, 8, 5]
    assert capsys.readouterr().out == first and "| 5 | 1,000 | 200 |" in first
    # What was found with other code is found anew.
    monkeypatch.setattr(check_demo, "fingerprint", lambda: "other code")
    check(tmp_path, "--first", "3")
    assert built[7:] == [3, 4, 5, 6, 7, 8]
    assert json.loads((tmp_path / "seed_3.json").read_text())["code"] == "other code"


def test_a_verdict_depends_on_models_seeds_and_generator(tmp_path: Path, monkeypatch) -> None:
    for part in check_demo.PARTS:
        assert (PROJECT / part).exists(), part
    monkeypatch.setattr(check_demo, "PROJECT", tmp_path)
    (tmp_path / "models").mkdir()
    model, other = tmp_path / "models" / "a.sql", tmp_path / "README.md"
    digests = []
    for path, text in ((model, "select 1"), (model, "select 2"), (other, "words")):
        path.write_text(text)
        digests.append(check_demo.fingerprint())
    assert digests[0] != digests[1] == digests[2]


def test_the_documentation_names_the_size_of_the_demo() -> None:
    said = (PROJECT / "docs" / "validation.md").read_text(encoding="utf-8")
    size = generate_raw._parser().parse_args([])
    assert (size.events, size.seed) == (1_000_000, 7)
    assert f"{size.accounts:,} accounts, {size.weeks} weeks and a million events" in said
