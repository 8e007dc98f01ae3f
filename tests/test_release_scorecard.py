"""scripts/release_scorecard.py: what it records, when it refuses, and what guards a release."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

import release_scorecard
from lib.scorecard.seed_files import RELEASE_COLUMNS
from release_scorecard import ReleaseError, Row, Scorecard, Version
from support.dbt import PROJECT, PROJECT_PARTS

pytestmark = pytest.mark.quick

BASE, VARIANT, TRIAL = Version("base", "1"), Version("variant", "1"), Version("variant", "2")
USAGE = Row("dimensions", "base/1/usage", "60")
BANDS = Row("bands", "base/1/low", "0/40")
OWN = Row("dimensions", "variant/1/usage", "70")


def a_scorecard() -> Scorecard:
    """A base, a live version that extends it, and a shadow version that extends that one."""
    return Scorecard(
        status={VARIANT: "live", BASE: "live", TRIAL: "shadow"},
        extends={VARIANT: BASE, TRIAL: VARIANT},
        rows={BASE: {USAGE, BANDS}, VARIANT: {OWN}, TRIAL: {Row("scorecards", "variant/2", "x")}},
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project with its own copy of the seeds, and nothing released in it."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in PROJECT_PARTS:
        if (PROJECT / name).exists():
            (folder / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "seeds", folder / "seeds")
    releases(folder).write_text(",".join(RELEASE_COLUMNS) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def seeds_say(monkeypatch: pytest.MonkeyPatch):
    """Let the seeds say something, whatever they are."""

    def say(scorecard: Scorecard) -> None:
        monkeypatch.setattr(release_scorecard, "read_scorecard", lambda project: scorecard)

    say(a_scorecard())
    return say


def releases(project: Path) -> Path:
    return project / "seeds" / "scorecard" / "scorecard_releases.csv"


def recorded(project: Path) -> list[list[str]]:
    with releases(project).open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert header == RELEASE_COLUMNS
    return rows


def run(project: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = release_scorecard.main(list(arguments), project)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def refused(project: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one message, after making sure that nothing was written."""
    before = releases(project).read_bytes()
    status, out, err = run(project, capsys, *arguments)
    assert status == 1 and err.startswith("error: ") and "Mend: " in err
    assert releases(project).read_bytes() == before
    assert "recorded\n" not in out
    return err


def test_the_shipped_scorecards(project, capsys):
    """Release all that is shipped, edit, be refused, and read why."""
    status, out, err = run(project, capsys, "--all-live")
    assert (status, err) == (0, "")
    with (project / "seeds/scorecard/scorecards.csv").open(encoding="utf-8", newline="") as lines:
        live = {
            (row["scorecard_id"], row["scorecard_version"])
            for row in csv.DictReader(lines)
            if row["status"] != "shadow"
        }
    rows = recorded(project)
    assert {(row[0], row[1]) for row in rows} == live
    assert len({tuple(row[:4]) for row in rows}) == len(rows)
    for scorecard, version in live:
        assert f"  {scorecard} {version}: released, " in out
        own = {row[2] for row in rows if (row[0], row[1]) == (scorecard, version)}
        whole = {"scorecards", "scorecard_signals", "curves", "signals"}
        assert own >= (whole if version == "1" else {"scorecards"})
    assert "commit seeds/scorecard/scorecard_releases.csv" in out

    dimensions = project / "seeds/scorecard/dimensions.csv"
    lines = dimensions.read_text(encoding="utf-8").splitlines()
    scorecard, version, dimension, weight = lines[1].split(",")
    lines[1] = f"{scorecard},{version},{dimension},{float(weight) + 1:g}"
    dimensions.write_text("\n".join(lines) + "\n", encoding="utf-8")
    message = refused(project, capsys, scorecard, version)
    assert f"seeds/scorecard/dimensions.csv, row {scorecard}/{version}/{dimension}: " in message
    assert f"was changed from {weight} to" in message and "as a new version" in message


def test_one_version_and_again(project, capsys, seeds_say):
    assert run(project, capsys, "base", "1")[0] == 0
    assert recorded(project) == [
        ["base", "1", "bands", "base/1/low", "0/40"],
        ["base", "1", "dimensions", "base/1/usage", "60"],
    ]
    before = releases(project).read_bytes()
    status, out, _ = run(project, capsys, "base", "1")
    assert status == 0 and "base 1: released already, 2 rows as recorded" in out
    assert "Next" not in out
    assert releases(project).read_bytes() == before


def test_all_live_leaves_shadows_out_and_adds_what_is_missing(project, capsys, seeds_say):
    run(project, capsys, "base", "1")
    before = releases(project).read_text(encoding="utf-8")
    status, out, _ = run(project, capsys, "--all-live")
    assert status == 0
    assert "base 1: released already" in out and "variant 1: released, 1 rows recorded" in out
    # What was recorded stays as it was, and new rows follow it.
    after = releases(project).read_text(encoding="utf-8")
    assert after == before + "variant,1,dimensions,variant/1/usage,70\n"


def test_a_shadow_is_released_by_name(project, capsys, seeds_say):
    run(project, capsys, "--all-live")
    assert run(project, capsys, "variant", "2")[0] == 0
    assert recorded(project)[-1][:2] == ["variant", "2"]


def test_what_a_version_extends_comes_first(project, capsys, seeds_say):
    message = refused(project, capsys, "variant", "1")
    assert "variant 1 extends base 1, which is not released" in message
    assert "release base 1 first" in message


def test_unknown_version(project, capsys, seeds_say):
    message = refused(project, capsys, "base", "2")
    assert "no version 2 of a scorecard base" in message
    assert "base 1, variant 1, variant 2" in message


def test_rows_that_are_not_what_they_were(project, capsys, seeds_say):
    run(project, capsys, "--all-live")
    changed = a_scorecard()
    changed.rows[BASE] = {Row("dimensions", "base/1/usage", "55"), Row("curves", "c/1", "5")}
    seeds_say(changed)
    message = refused(project, capsys, "base", "1")
    assert "base 1 is released, and its rows are not what they were" in message
    assert message.count("dimensions.csv, row base/1/usage") == 1
    assert "bands.csv, row base/1/low" in message and "curves.csv, row c/1" in message
    assert "new version" in message


def test_errors_of_the_scorecard_are_passed_on(project, capsys, monkeypatch):
    def has_errors(project: Path) -> Scorecard:
        raise ReleaseError("the scorecard has errors, nothing is released. Mend: them")

    monkeypatch.setattr(release_scorecard, "read_scorecard", has_errors)
    assert "the scorecard has errors" in refused(project, capsys, "base", "1")


def test_cells_with_commas_and_quotes_come_back(project, capsys, seeds_say):
    odd = Row("segments", 'a,"b"', "x, y")
    seeds_say(Scorecard({BASE: "live"}, {}, {BASE: {odd}}))
    run(project, capsys, "base", "1")
    assert recorded(project) == [["base", "1", "segments", 'a,"b"', "x, y"]]
    assert "released already" in run(project, capsys, "base", "1")[1]


@pytest.mark.parametrize("text", ["", "scorecard_id,version\n"])
def test_a_releases_file_of_another_shape(project, capsys, seeds_say, text):
    releases(project).write_text(text, encoding="utf-8")
    assert "its first line is not" in refused(project, capsys, "base", "1")


def test_another_seeds_folder(project, capsys, seeds_say, monkeypatch):
    shutil.copytree(project / "seeds", project / "ours")
    monkeypatch.setenv("HEALTH_SEEDS", "ours")
    assert run(project, capsys, "base", "1")[0] == 0
    assert "base,1," in (project / "ours/scorecard/scorecard_releases.csv").read_text("utf-8")
    assert recorded(project) == []
    monkeypatch.setenv("HEALTH_SEEDS", "../ours")
    assert "inside the project" in refused(project, capsys, "base", "1")


@pytest.mark.parametrize("arguments", [[], ["base"], ["base", "1", "--all-live"]])
def test_what_to_release_is_said_once(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        release_scorecard.main(arguments)
    assert end.value.code == 2
    assert "--all-live" in capsys.readouterr().err


def test_help(capsys):
    with pytest.raises(SystemExit) as end:
        release_scorecard.main(["--help"])
    assert end.value.code == 0
    assert "scorecard_releases.csv" in capsys.readouterr().out


# --- rows that hold from a day on ----------------------------------------------------------------


def milestones(project: Path) -> Path:
    return project / "seeds" / "scorecard" / "milestones.csv"


def test_settings_are_recorded_once_and_may_be_followed(project, capsys):
    status, out, _ = run(project, capsys, "--settings")
    assert status == 0 and "Next: commit" in out
    rows = recorded(project)
    assert {row[0] for row in rows} == {"all"}
    assert {row[2] for row in rows} == {
        "milestones", "lifecycle", "adoption", "ticket_severities", "survey_groups", "pulse_levels", "sources",
    }  # fmt: skip
    before = releases(project).read_bytes()
    status, out, _ = run(project, capsys, "--settings")
    assert status == 0 and "0 of them new or changed" in out
    assert releases(project).read_bytes() == before
    with milestones(project).open("a", encoding="utf-8") as lines:
        lines.write("first_use,2026-07-01,any,all,1,First use,feature,any,none,at_least,1,9,false\n")
    status, out, _ = run(project, capsys, "--settings")
    assert status == 0 and "1 of them new or changed" in out
    assert releases(project).read_bytes() == before + b"all,0,milestones,first_use/2026-07-01,any/all/feature/any/none/at_least/1/9\n"


def test_settings_that_are_not_what_they_were_are_recorded_anew_alone(project, capsys):
    run(project, capsys, "--all-live")
    run(project, capsys, "--settings")
    versions = [row for row in recorded(project) if row[0] != "all"]
    text = milestones(project).read_text(encoding="utf-8")
    milestones(project).write_text(text.replace("at_least,1,7,", "at_least,1,8,"), encoding="utf-8")
    assert "record it anew with scripts/release_scorecard.py --settings --anew" in refused(
        project, capsys, "--settings"
    )
    status, out, _ = run(project, capsys, "--settings", "--anew")
    assert status == 0 and "1 of them new or changed" in out
    rows = recorded(project)
    assert [row for row in rows if row[0] != "all"] == versions
    assert ["all", "0", "milestones", "first_use/1900-01-01", "any/all/feature/any/none/at_least/1/8"] in rows
    assert run(project, capsys, "--settings")[0] == 0


def test_settings_with_another_error_are_not_recorded(project, capsys):
    text = milestones(project).read_text(encoding="utf-8")
    milestones(project).write_text(text.replace("at_least,1,7,", "at_least,1,0,"), encoding="utf-8")
    for anew in ((), ("--anew",)):
        assert "it is due before the spell has begun" in refused(project, capsys, "--settings", *anew)
