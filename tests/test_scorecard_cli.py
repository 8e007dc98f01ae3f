"""scripts/scorecard.py: check, diff, new and explain.

That check says what a build says is shown break by break in test_scorecard_errors.py.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

import scorecard
from lib.scorecard.definition import Definition
from lib.scorecard.differences import versioned_seeds
from lib.scorecard.seed_files import RELEASE_COLUMNS
from lib.scorecard.versions import append_rows
from support.dbt import PROJECT, PROJECT_PARTS
from support.postgres import connect, new_database
from support.seeds import seeds_with
from support.worlds import built_world

pytestmark = pytest.mark.quick

TODAY = ("--today", "2026-07-01")


def registered(like: str, **changes: str) -> str:
    """The line of a signal in the registry, changed."""
    with (PROJECT / "seeds/scorecard/signals.csv").open(encoding="utf-8", newline="") as lines:
        (row,) = [row for row in csv.DictReader(lines) if row["signal_id"] == like]
    return ",".join({**row, **changes}.values())


# A second version of the standard scorecard: usage gives way to a dimension of its own, for a signal
# over a measure that exists; another curve; other bands.
WINDOW = "active_days_91"
ADDED = {
    "scorecards": ("standard,2,2026-02-01,live,standard,1,0.4,0.4,2,7,5,tests,a steadier look",),
    "dimensions": ("standard,2,usage,25", "standard,2,steadiness,10"),
    "signals": (
        registered("active_days", signal_id=WINDOW, numerator_window_days="91", formula="as it says"),
    ),
    "curves": (
        f"{WINDOW},0,0", f"{WINDOW},60,100", "lenient_days,0,0", "lenient_days,8,60",
        "lenient_days,20,100",
    ),
    "scorecard_signals": (
        f"standard,2,steadiness,{WINDOW},100,{WINDOW}",
        "standard,2,engagement,active_days,60,lenient_days",
        "standard,2,outcomes,renewal_notice,0,notice_share",
        "standard,2,outcomes,revenue_change,50,revenue_ratio",
    ),
    "bands": ("standard,2,poor,0,50", "standard,2,healthy,50,100"),
}  # fmt: skip


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> list[str]:
    """What a command prints, with single blanks; nothing else may be printed."""
    ended = scorecard.main(list(arguments))
    printed = capsys.readouterr()
    assert ended == status, printed.out + printed.err
    assert not printed.err, printed.err
    return [" ".join(line.split()) for line in printed.out.splitlines()]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one message of a command that could not be done."""
    assert scorecard.main(list(arguments)) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ") and "Mend: " in printed.err
    assert not printed.out
    return printed.err


@pytest.fixture(autouse=True)
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies in the folders of who runs the tests is not looked at."""
    monkeypatch.setenv("HEALTH_RAW", "none")
    monkeypatch.setenv("HEALTH_DB", str(tmp_path / "none.duckdb"))


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the scorecard seeds to change."""
    return seeds_with(tmp_path / "seeds", {}) / "scorecard"


def append(seeds: Path, rows: dict[str, tuple[str, ...]]) -> None:
    for seed, lines in rows.items():
        with (seeds / f"{seed}.csv").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)


# --- check --------------------------------------------------------------------------------------


def test_the_shipped_scorecards_have_no_error(capsys, monkeypatch):
    monkeypatch.chdir(PROJECT)
    said = run(capsys, "check", *TODAY)
    assert said[0] == "no error in seeds/scorecard"
    assert all(line.startswith("warning: ") for line in said[1:])


def test_a_check_that_is_added_to_the_models_is_applied(tmp_path, capsys):
    project = tmp_path / "project"
    project.mkdir()
    for name in (*PROJECT_PARTS, "seeds"):
        if name != "models" and (PROJECT / name).exists():
            (project / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "models", project / "models")
    folder = project / "models/staging/scorecard"
    (folder / "checks/check_scorecard__notes.sql").write_text(
        "select 'scorecards' as seed, {{ row_key(scorecard_seeds().scorecards.key) }} as row_key,"
        " 'its author is ' || author as problem, 'ask somebody else' as mend"
        " from {{ ref('scorecards') }} where scorecard_id = 'standard'"
    )
    errors = folder / "stg_scorecard__errors.sql"
    select = "    select seed, row_key, problem, mend from {{ ref('check_scorecard__cells') }}\n"
    text = errors.read_text(encoding="utf-8")
    assert select in text
    errors.write_text(
        text.replace(select, f"{select}    union all\n{select.replace('cells', 'notes')}")
    )
    assert scorecard.main(["check"], project) == 1
    assert (
        "seeds/scorecard/scorecards.csv, row standard/1: its author is customer operations."
        " Mend: ask somebody else." in capsys.readouterr().out
    )


def test_more_errors_than_a_build_tells_are_all_told(seeds, capsys):
    append(seeds, {"curves": tuple(f"lonely_{number},0,0" for number in range(25))})
    said = run(capsys, "check", "--seeds", str(seeds), status=1)
    assert said[0] == "25 error(s) in the scorecard, a build would score nothing."
    assert len(said) == 26


def test_what_cannot_be_checked(seeds, tmp_path, capsys):
    assert "holds no scorecards.csv" in refused(capsys, "check", "--seeds", str(tmp_path))
    append(seeds, {"bands": ("standard,1",)})
    said = refused(capsys, "check", "--seeds", str(seeds))
    assert "bands.csv, line " in said and "has 2 cell(s), the first line 5. Mend: " in said
    (seeds / "bands.csv").write_text("scorecard_id,scorecard_version,band_id\n", encoding="utf-8")
    assert "lower_bound" in refused(capsys, "check", "--seeds", str(seeds))
    (seeds / "bands.csv").unlink()
    assert "bands.csv: there is no such seed" in refused(capsys, "check", "--seeds", str(seeds))


def test_what_a_spreadsheet_makes_of_a_seed(seeds, capsys):
    bands = seeds / "bands.csv"
    text = bands.read_bytes()
    lines = text.count(b"\n") + 1
    bands.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert run(capsys, "check", "--seeds", str(seeds), status=0)
    for spoilt, said in (
        (text + "é".encode("latin-1"), f"line {lines}: is not UTF-8 text. Mend: save it"),
        (text.replace(b",", b";"), "line 1: lacks the column(s) scorecard_id, scorecard_version, band_id"),
        (text.replace(b",", b"\t"), "(it is separated by semicolons or tabs). Mend: "),
        (text + b",,,,\n", f"line {lines}: has only empty cells. Mend: take the line out"),
        (text + b"a,1,b,0,50,100\n", "has 6 cell(s), the first line 5. Mend: "),
        (b"", "lacks the column(s) scorecard_id"),
    ):
        bands.write_bytes(spoilt)
        assert said in refused(capsys, "check", "--seeds", str(seeds))


def test_a_model_that_needs_more_of_dbt_is_said_to(tmp_path, capsys):
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    for name in ("macros", "seeds"):
        (project / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "models/staging", project / "models/staging")
    model = project / "models/staging/scorecard/checks/check_scorecard__keys.sql"
    model.write_text(model.read_text(encoding="utf-8") + "-- {{ var('health__start_date') }}\n")
    assert scorecard.main(["check"], project) == 2
    said = capsys.readouterr().err
    assert "check_scorecard__keys.sql cannot be rendered without dbt" in said and "'var'" in said


# --- warnings -----------------------------------------------------------------------------------


def lint(seeds: Path, *rows: str) -> None:
    """These limits and no other."""
    path = seeds / "scorecard_lints.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text("\n".join([header, *(f"{row},unit,why" for row in rows), ""]), encoding="utf-8")


def warned(capsys, seeds: Path, today: str = "2026-07-01") -> dict[str, list[str]]:
    """The warnings by version, but for those of the past: what a test adds is not released."""
    found = defaultdict(list)
    for line in run(capsys, "check", "--seeds", str(seeds), "--today", today)[1:]:
        warning, version, text = line.split(": ", 2)
        assert warning == "warning"
        if "and not released, and its valid_from" not in text:
            found[version].append(text)
    return found


def warnings_of(capsys, seeds: Path, *arguments: str, today: str = "2026-07-01") -> list[str]:
    """All warnings."""
    return run(capsys, "check", "--seeds", str(seeds), "--today", today, *arguments)[1:]


def test_a_version_that_is_live_in_the_past_and_not_released(seeds, capsys):
    append(seeds, ADDED)
    (said,) = [line for line in warnings_of(capsys, seeds) if "past" in line]
    assert said.startswith(
        "warning: standard/2: it is live and not released, and its valid_from 2026-02-01 lies in the past"
    )
    assert said.endswith("release it: scripts/release_scorecard.py standard 2)")
    assert not [line for line in warnings_of(capsys, seeds, today="2026-02-01") if "past" in line]
    with Definition(PROJECT, seeds) as definition:
        own = [
            row
            for row in definition.rows("base_scorecard__definitions")
            if (row["scorecard_id"], row["scorecard_version"]) == ("standard", "2")
        ]
    append_rows(seeds / "scorecard_releases.csv", [[row[name] for name in RELEASE_COLUMNS] for row in own])
    assert not [line for line in warnings_of(capsys, seeds) if "past" in line]


def test_a_row_that_begins_in_the_past_and_is_not_released(seeds, capsys):
    days = ("2026-06-30", "2026-07-01")
    append(seeds, {"pulse_levels": tuple(f"red,{day},0.5" for day in days)})
    (said,) = [line for line in warnings_of(capsys, seeds) if "pulse_levels" in line]
    assert said.startswith(
        "warning: pulse_levels: 1 row(s) begin in the past and are not released, such as red/2026-06-30"
    )
    with (seeds / "scorecard_releases.csv").open("a", encoding="utf-8") as lines:
        lines.writelines(f"all,0,pulse_levels,red/{day},0.5\n" for day in days)
    assert not [line for line in warnings_of(capsys, seeds) if "pulse_levels" in line]


def test_two_segments_of_one_priority(seeds, capsys):
    segments = (
        "late,10,plan,is,nobody,standard,2026-03-01,9999-12-31,tests",
        "early,11,plan,is,nobody,standard,1900-01-01,2026-02-28,tests",
        "later,11,plan,is,nobody,standard,2026-03-01,9999-12-31,tests",
    )
    append(seeds, {"segments": segments})
    assert [line for line in warnings_of(capsys, seeds) if "segments" in line] == [
        "warning: segments education and late: both have the priority 10, so the alphabet decides who takes"
        " an account of both (give each its own)"
    ]


def test_an_override_of_an_account_that_is_not_there(seeds, tmp_path, capsys, monkeypatch):
    overrides = [
        f"one_{account},{account},active_users_per_seat,scale_factor,2,2026-01-01,9999-12-31,tests,tests"
        for account in ("acc_1", "acc_2")
    ]
    append(seeds, {"account_overrides": tuple(overrides)})
    said = "override one_acc_2: there is no account acc_2 in "
    assert not [line for line in warnings_of(capsys, seeds) if "override" in line]
    raw = tmp_path / "raw"
    for folder in (raw, raw / "accounts" / "part=1"):
        folder.mkdir(parents=True)
    duckdb.sql("select ' acc_1' as account_id").write_parquet(str(raw / "accounts/part=1/one.parquet"))
    monkeypatch.setenv("HEALTH_RAW", str(raw))
    (found,) = [line for line in warnings_of(capsys, seeds) if "override" in line]
    assert found.startswith(f"warning: {said}{raw}")
    database = tmp_path / "built.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema staging")
        connection.execute("create table staging.stg_crm__accounts as select 'acc_2' as account_id")
    (found,) = [
        line for line in warnings_of(capsys, seeds, "--database", str(database)) if "override" in line
    ]
    assert "there is no account acc_1 in" in found and "built.duckdb" in found


def test_a_cap_that_new_bands_move(seeds, capsys):
    cap = "renewal_notice,above,0,39,none,Notice given"
    append(
        seeds,
        {
            "scorecards": (
                "capped,1,1900-01-01,shadow,standard,1,0.4,0.4,2,7,5,tests,tests",
                "capped,2,2026-08-01,shadow,capped,1,0.4,0.4,2,7,5,tests,other bands",
                "capped,3,2026-08-01,shadow,capped,1,0.4,0.4,2,7,5,tests,other bands and caps",
                "capped,4,2026-08-01,shadow,capped,2,0.4,0.4,2,7,5,tests,as 2",
            ),
            "risk_caps": (
                f"capped,1,notice_given,{cap}", f"capped,3,notice_given,{cap}",
                "capped,1,of_a_band,renewal_notice,above,0,100,critical,Notice given",
            ),
            "bands": tuple(
                f"capped,{number},{band}"
                for number in (2, 3)
                for band in ("critical,0,30", "at_risk,30,70", "healthy,70,100")
            ),
        },
    )
    assert [line for line in warnings_of(capsys, seeds) if "cap " in line] == [
        "warning: capped/2: the cap notice_given holds at 39, which is critical in capped/1 and at_risk here,"
        " by other bands (write the cap in risk_caps.csv for this version, with max_band and max_score 100)"
    ]


def test_too_many_signals_for_the_stage(seeds, capsys):
    """Sixteen have weight in standard; the limit of the scorecard stands above that of any."""
    lint(seeds, "max_signals,any,16", "max_signals,fly,30")
    assert not warned(capsys, seeds)
    lint(seeds, "max_signals,any,15", "max_signals,standard,16")
    said = warned(capsys, seeds)
    assert said["standard/1"] == []
    assert said["education/1"] == ["16 signals have weight, and 15 is the limit (why)"]


def test_the_share_of_a_family(seeds, capsys):
    """Usage and engagement are of the family usage: 60 % of standard."""
    lint(seeds, "family_above_percent,usage,59.9999", "family_below_percent,usage,60.0001")
    assert warned(capsys, seeds)["standard/1"] == []
    for row in ("family_above_percent,usage,60", "family_below_percent,usage,60"):
        lint(seeds, row)
        said = warned(capsys, seeds)["standard/1"]
        assert said == ["signals of the family usage make 60 % (why)"]
    lint(seeds, "family_above_percent,judgement,0", "family_below_percent,judgement,100")
    said = warned(capsys, seeds)["standard/1"]
    assert said == ["signals of the family judgement make 0 % (why)"]


def test_the_share_of_a_signal(seeds, capsys):
    lint(seeds, "max_signal_percent,csat,5", "max_signal_percent,nps,0")
    assert not warned(capsys, seeds)["standard/1"]
    lint(seeds, "max_signal_percent,csat,4.9")
    said = warned(capsys, seeds)["standard/1"]
    assert said == ["csat makes 5 %, and 4.9 % is the limit (why)"]


def test_the_age_of_a_version(seeds, capsys):
    """Told of shadows and of live versions that hold, on the day after the last month has ended.

    What holds since ever has no age, and what no segment chooses scores nobody.
    """
    rows = (
        "standard,2,2025-10-30,live,standard,1,0.4,0.4,2,7,5,tests,newer",
        "standard,3,2026-01-31,live,standard,1,0.4,0.4,2,7,5,tests,newest",
        "standard,4,2026-01-31,shadow,standard,1,0.4,0.4,2,7,5,tests,on trial",
        "crawl,2,2025-10-30,live,crawl,1,0.4,0.4,2,7,5,tests,nobody is scored by it",
    )
    append(seeds, {"scorecards": rows})
    lint(seeds, "max_age_months,any,2")
    of_standard = {"standard/3", "standard/4"}
    assert not of_standard & warned(capsys, seeds, "2026-04-30").keys()
    said = warned(capsys, seeds, "2026-05-01")
    for version in of_standard:
        assert said[version] == ["it holds since 2026-01-31, and 2 months is the limit (why)"]
    assert set(said) == of_standard
    assert set(warned(capsys, seeds, "2026-01-30")) == {"standard/2"}


def test_the_shipped_limits_warn_of_too_much_of_one_thing(seeds, capsys):
    """Too many inputs for the stage, judgement alone or none, a yearly NPS with weight, and age."""
    usage = ("active_users_per_seat", "key_feature_adoption", "feature_breadth", "active_days", "nps")
    rows = {
        "scorecards": (
            "crawl,9,2024-12-31,live,crawl,1,0.4,0.4,2,7,5,tests,seven inputs",
            "opinion,1,2026-01-01,live,none,0,0,0,1,7,5,tests,what people think",
        ),
        "dimensions": ("opinion,1,judgement,100",),
        "scorecard_signals": (
            *(f"crawl,9,usage,{signal},20,active_share" for signal in usage),
            "opinion,1,judgement,pulse,100,pulse",
        ),
        "bands": ("opinion,1,low,0,50", "opinion,1,high,50,100"),
        "segments": tuple(
            f"{card},{number},plan,is,nobody,{card},1900-01-01,9999-12-31,tests"
            for number, card in enumerate(("crawl", "opinion"), start=1)
        ),
    }
    append(seeds, rows)
    said = warned(capsys, seeds)
    assert said["opinion/1"] == [
        "signals of the family judgement make 100 % (a score of judgement alone measures nothing)"
    ]
    assert said["crawl/9"] == [
        "7 signals have weight, and 6 is the limit"
        " (the first stage: what everybody has on the first day)",
        "signals of the family judgement make 0 %"
        " (without judgement nobody who knows the account was asked)",
        "nps makes 12 %, and 0 % is the limit"
        " (an NPS that is asked once a year says nothing about the other months)",
    ]
    aged = warned(capsys, seeds, "2026-08-01")["crawl/9"]
    assert aged[3:] == [
        "it holds since 2024-12-31, and 18 months is the limit (what was right then may not be now)"
    ]


# --- diff ---------------------------------------------------------------------------------------


def test_every_versioned_seed_says_what_is_inherited():
    with Definition() as definition:
        seeds = versioned_seeds(definition)
        assert {"dimensions", "scorecard_signals", "bands"} <= set(seeds)
        for seed in seeds:
            model = f"base_scorecard__{seed.removeprefix('scorecard_')}"
            compared = {*definition.shapes[seed]["key"], *definition.shapes[seed]["cells"]}
            assert compared <= definition.columns(model), f"{model} lacks a column of {seed}, which scorecard.py diff compares"


def test_what_differs_between_two_versions(seeds, capsys):
    append(seeds, ADDED)
    said = run(capsys, "diff", "standard/1", "standard/2", "--seeds", str(seeds))
    parts: dict[str, list[str]] = {}
    for line in said:
        if line.startswith("== "):
            rows = parts.setdefault(line[3:], [])
        else:
            rows.append(line)
    assert list(parts) == [
        "scorecards", "dimensions", "scorecard_signals", "bands", "curves", "whom it concerns",
    ]  # fmt: skip
    assert parts["dimensions"] == [
        "standard/1 standard/2", "steadiness weight - 10", "usage weight 35 25",
    ]  # fmt: skip
    assert "valid_from 1900-01-01 2026-02-01" in parts["scorecards"]
    signals = parts["scorecard_signals"]
    # Its own row did not change, and its share did.
    assert "feature_breadth percent of the score 3.5 2.5" in signals
    assert not any(line.startswith("feature_breadth weight") for line in signals)
    assert f"{WINDOW} percent of the score - 10" in signals
    assert "renewal_notice percent of the score 5 0" in signals
    assert "active_days curve_id active_days lenient_days" in signals
    assert not any(line.startswith("csat") for line in signals)
    assert "critical upper_bound 40 -" in parts["bands"]
    assert "poor upper_bound - 50" in parts["bands"]
    assert "healthy lower_bound 70 50" in parts["bands"]
    assert parts["curves"][1:] == ["active_days at 8 points 50 60"]


def test_versions_that_do_not_differ_or_are_not_there(capsys):
    same, concerns, uncounted = run(capsys, "diff", "standard/1", "standard/1")
    assert same == "standard/1 and standard/1 do not differ, with all that they inherit"
    assert concerns == "== whom it concerns"
    assert uncounted.startswith("accounts are not counted: ") and "Mend: run make build" in uncounted
    assert "standard/1" in refused(capsys, "diff", "standard/1", "standard/99")
    assert "scorecard/version" in refused(capsys, "diff", "standard", "standard/1")


def test_nothing_is_compared_where_the_seeds_have_errors(seeds, capsys):
    append(seeds, {"curves": ("lonely,0,0",)})
    message = refused(capsys, "diff", "standard/1", "education/1", "--seeds", str(seeds))
    assert "the curve has one control point" in message


# --- new ----------------------------------------------------------------------------------------

SAID = ("--valid-from", "2026-08-01", "--author", "Ada", "--note", "usage, and more of it")


def test_a_new_version_is_one_row_more(seeds, capsys):
    file = seeds / "scorecards.csv"
    before = file.read_bytes()
    said = run(capsys, "new", "standard/2", "--from", "standard/1", *SAID, "--seeds", str(seeds))
    assert "standard/2 stands in" in said[0] and "standard,2," in said[1]
    row = 'standard,2,2026-08-01,shadow,standard,1,0.4,0.4,2,7,5,Ada,"usage, and more of it"\n'
    assert file.read_bytes() == before + row.encode()
    run(capsys, "check", "--seeds", str(seeds))
    differing = run(capsys, "diff", "standard/1", "standard/2", "--seeds", str(seeds))
    heads = [line for line in differing if line.startswith("==")]
    assert heads == ["== scorecards", "== whom it concerns"]


def test_a_scorecard_of_its_own(seeds, capsys):
    run(
        capsys, "new", "sprint/1", "--from", "education/1", *SAID, "--status", "live", "--seeds", str(seeds)
    )  # fmt: skip
    with (seeds / "scorecards.csv").open(encoding="utf-8", newline="") as lines:
        *_, last = csv.reader(lines)
    assert last[:6] == ["sprint", "1", "2026-08-01", "live", "education", "1"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_the_lines_that_are_there_stay_as_they_are(seeds, capsys, ending):
    file = seeds / "scorecards.csv"
    text = file.read_text(encoding="utf-8").rstrip("\n")
    before = text.replace("\n", ending or "\n").encode() + ending.encode()
    file.write_bytes(before)
    run(capsys, "new", "standard/2", "--from", "standard/1", *SAID, "--seeds", str(seeds))
    added = file.read_bytes().removeprefix(before)
    assert len(added) < len(file.read_bytes())
    assert added.startswith(b"standard,2," if ending else b"\nstandard,2,")
    assert added.endswith((ending or "\n").encode())


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("standard/1", "--from", "standard/1", *SAID), "name the next one, standard/2"),
        (("standard/2", "--from", "standard/7", *SAID), "there is no version standard/7"),
        (("standard/two", "--from", "standard/1", *SAID), "names no version"),
        (
            ("standard/2", "--from", "standard/1", *SAID, "--valid-from", "soon"),
            "write a date as year-month-day",
        ),
        (
            (
                "standard/2", "--from", "standard/1", *SAID, "--status", "live",
                "--valid-from", "1900-01-01",
            ),
            "two live versions begin on 1900-01-01",
        ),
    ],
)  # fmt: skip
def test_a_version_that_cannot_begin(seeds, capsys, arguments, words):
    before = (seeds / "scorecards.csv").read_bytes()
    assert words in refused(capsys, "new", *arguments, "--seeds", str(seeds))
    assert (seeds / "scorecards.csv").read_bytes() == before


@pytest.mark.parametrize("note", ["", " ", "don't", "=1+1", " @sum(1)", "+x", "-x"])
def test_a_note_that_no_seed_may_hold(capsys, note):
    with pytest.raises(SystemExit) as end:
        scorecard.main(["new", "a/1", "--from", "standard/1", *SAID[:4], f"--note={note}"])
    assert end.value.code == 2
    assert "apostrophe" in capsys.readouterr().err


# --- explain ------------------------------------------------------------------------------------

MARTS = (
    "create schema marts",
    """
    create table marts.account_health_daily as
    select
        account_id, cast(as_of_date as date) as as_of_date,
        cast(health_score as decimal(9, 4)) as health_score, band, raw_band,
        cast(band_since as date) as band_since, score_reason, 'standard' as scorecard_id,
        2 as scorecard_version
    from (
        values
        ('a1', '2026-06-20', 70, 'healthy', 'healthy', '2026-06-20', null),
        ('a1', '2026-06-27', 55.5, 'healthy', 'at_risk', '2026-06-20', null),
        ('o''b', '2026-06-27', null, 'unknown', 'unknown', '2026-06-27', 'insufficient_data')
    ) as days (account_id, as_of_date, health_score, band, raw_band, band_since, score_reason)
    """,
    """
    create table marts.health_contributions as
    select
        account_id, cast('2026-06-27' as date) as as_of_date, contribution_kind, dimension_id,
        signal_id, product_id, rule_id, cast(value as decimal(18, 6)) as value,
        cast(scale as decimal(18, 6)) as scale, cast(points as decimal(9, 4)) as points,
        cast(weight as decimal(9, 8)) as effective_weight,
        cast(contribution as decimal(9, 4)) as contribution,
        cast(points_lost as decimal(9, 4)) as points_lost, state, state_reason,
        case when signal_id = 'used' then 'weight 60 (csm: pilot)' end as account_overrides
    from (
        values
        ('a1', 'signal', 'usage', 'seen', 'all', 'none', 4, 44, 90, 0.4, 36, 4, 'observed', null),
        ('a1', 'signal', 'usage', 'used', 'desk', 'none', 0.5, 1, 40, 0.6, 24, 36, 'observed',
         null),
        ('a1', 'signal', 'support', 'csat', 'all', 'none', null, null, null, null, 0, null,
         'missing', 'source_off'),
        ('a1', 'cap', 'none', 'overdue', 'all', 'late_payer', 90, 1, null, null, -4.5, null,
         'observed', null),
        ('o''b', 'signal', 'usage', 'seen', 'all', 'none', null, null, null, null, null, null,
         'missing', 'no_scale')
    ) as rows (
        account_id, contribution_kind, dimension_id, signal_id, product_id, rule_id, value, scale,
        points, weight, contribution, points_lost, state, state_reason
    )
    """,
)


@pytest.fixture(params=["duckdb", "postgres"])
def marts(request, tmp_path, monkeypatch) -> None:
    """Two accounts' marts on either engine, found by the settings of the environment."""
    if request.param == "duckdb":
        path = tmp_path / "built.duckdb"
        with duckdb.connect(str(path)) as connection:
            for statement in MARTS:
                connection.execute(statement)
        settings = {"HEALTH_DB": str(path), "HEALTH_TARGET": "duckdb"}
    else:
        settings = new_database(request.getfixturevalue("postgres"), "explain")
        with connect(settings) as cursor:
            for statement in MARTS:
                cursor.execute(statement)
        settings["HEALTH_TARGET"] = "postgres"
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.mark.slow
def test_a_score_is_explained_by_what_cost_most(marts, capsys):
    said = run(capsys, "explain", "a1", "2026-06-27")
    assert said == [
        "== a1 at the end of 2026-06-27: score 55.5000, healthy since 2026-06-20"
        " (the day alone: at_risk), scorecard standard/2",
        "dimension signal product value scale points weight contribution points lost state",
        "usage used desk 0.5 1 40.0 60.00 % 24.0000 36.0000 observed,"
        " override: weight 60 (csm: pilot)",
        "usage seen 4 44 90.0 40.00 % 36.0000 4.0000 observed",
        "none late_payer 90 1 -4.5000 observed, cap",
        "support csat 0.0000 missing (source_off)",
        "sum 100.00 % 55.5000 40.0000",
    ]
    assert run(capsys, "explain", "a1") == said


@pytest.mark.slow
def test_an_account_without_a_score_is_explained_too(marts, capsys):
    said = run(capsys, "explain", "o'b")
    assert "no score (insufficient_data), unknown" in said[0]
    assert said[2:] == ["usage seen missing (no_scale)", "sum"]


@pytest.mark.slow
def test_what_has_no_explanation(marts, capsys, monkeypatch):
    message = refused(capsys, "explain", "a1", "2026-06-23")
    assert "a1 has no row on 2026-06-23" in message and "2026-06-20, 2026-06-27" in message
    assert message.count("2026-06-") == 3
    assert "the nearest: 2026-06-27\n" in refused(capsys, "explain", "a1", "2026-07-01")
    assert "there is no account a9" in refused(capsys, "explain", "a9")
    assert "run make build" in refused(capsys, "explain", "a1", "--schema", "other_marts")


@pytest.mark.slow
def test_a_signal_and_a_dimension_are_rows_only(capsys):
    """Added to the seeds and to nothing else, and found in the explanation of a score."""
    world = built_world("rows_only", seed=1, weeks=26, cadence="week", rows=tuple(ADDED.items()), shipped=False)
    with duckdb.connect(str(world.database), read_only=True) as connection:
        account, day, contribution = connection.execute(
            "select account_id, max(as_of_date), max_by(contribution, as_of_date)"
            " from marts.health_contributions where signal_id = ? and state = 'observed'"
            " group by account_id order by account_id limit 1",
            [WINDOW],
        ).fetchone()
    said = run(capsys, "explain", account, str(day), "--database", str(world.database))
    assert said[0].endswith("scorecard standard/2")
    (line,) = [line for line in said if line.startswith(f"steadiness {WINDOW} ")]
    assert f" {contribution:.4f} " in line
    score = said[0].split("score ")[1].split(",")[0]
    assert said[-1].startswith(f"sum 100.00 % {score} ")


# --- families -----------------------------------------------------------------------------------


BRANCH = {
    "scorecards": (
        "twig,1,1900-01-01,live,education,1,0.4,0.4,2,7,5,tests,extends what extends",
        "standard,2,2026-02-01,shadow,standard,1,0.4,0.4,2,7,5,tests,tests",
    ),
    "bands": ("twig,1,low,0,50", "twig,1,high,50,100"),
}
FAMILY = ("education", "enterprise", "small_business", "twig")


def test_a_family_gets_a_version_each(seeds, capsys):
    append(seeds, {seed: rows[:1] if seed == "scorecards" else rows for seed, rows in BRANCH.items()})
    said = run(
        capsys, "new", "standard/2", "--from", "standard/1", *SAID, "--family", "--seeds", str(seeds)
    )  # fmt: skip
    assert said[0].startswith("standard/2, education/2, enterprise/2, small_business/2, twig/2 stand in ")
    with Definition(PROJECT, seeds) as definition:
        assert not definition.errors()
        extends = {
            (row["scorecard_id"], row["scorecard_version"]): (
                row["extends_scorecard_id"], row["extends_version"], row["valid_from"], row["status"]
            )
            for row in definition.rows("scorecards")
        }  # fmt: skip
        assert extends["standard", "2"] == ("standard", "1", "2026-08-01", "shadow")
        for name in FAMILY:
            above = "education" if name == "twig" else "standard"
            assert extends[name, "2"] == (above, "2", "2026-08-01", "shadow")
            for seed in versioned_seeds(definition):
                first, second = (
                    [
                        [cell for column, cell in row.items() if column != "scorecard_version"]
                        for row in definition.rows(seed)
                        if (row["scorecard_id"], row["scorecard_version"]) == (name, number)
                    ]
                    for number in "12"
                )
                assert first == second
    said = run(capsys, "diff", "--family", "standard/1", "standard/2", "--seeds", str(seeds))
    heads = [line for line in said if line.endswith("/2") and not line.startswith("==")]
    assert heads == [f"{name}/1 {name}/2" for name in ("standard", *FAMILY)]
    assert not any("go on building" in line for line in said)
    said = run(capsys, "check", "--family", "standard", "--seeds", str(seeds), *TODAY)
    assert said[0] == "family of standard: education, enterprise, small_business, standard, twig"
    assert not any("is newer" in line for line in said)


def test_who_stays_with_the_older_version_is_said(seeds, capsys):
    append(seeds, BRANCH)
    said = run(capsys, "diff", "standard/1", "standard/2", "--seeds", str(seeds))
    assert said[-1].startswith(
        "education/1, enterprise/1, small_business/1, twig/1 go on building on standard/1."
    )
    said = run(capsys, "check", "--family", "standard", "--seeds", str(seeds), *TODAY)
    behind = [line.split(": ")[1] for line in said if "builds on standard/1, and standard/2 is newer" in line]
    assert behind == ["education/1", "enterprise/1", "small_business/1", "twig/1"]
    said = run(capsys, "check", "--family", "education", "--seeds", str(seeds), *TODAY)
    assert said[0] == "family of education: education, twig"
    assert not any(" standard/" in line for line in said)
    assert "there is no scorecard nobody" in refused(
        capsys, "check", "--family", "nobody", "--seeds", str(seeds)
    )


def test_how_many_accounts_a_version_scores(seeds, tmp_path, capsys):
    append(seeds, ADDED)
    database = tmp_path / "built.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            """
            create table marts.account_health_daily as
            select * from (
                values
                    (date '2026-01-31', 'standard', 1), (date '2026-02-01', 'standard', 1),
                    (date '2026-02-01', 'standard', 1), (date '2026-02-01', 'education', 1),
                    (date '2026-02-01', null, null)
            ) as days (as_of_date, scorecard_id, scorecard_version)
            """
        )
    said = run(
        capsys, "diff", "standard/1", "standard/2", "--seeds", str(seeds), "--database", str(database)
    )  # fmt: skip
    told = said[said.index("== whom it concerns") + 1 :]
    assert told[:3] == [
        "at the end of 2026-02-01:",
        "standard/1 scores 2 account(s)",
        "standard/2 scores no account, and would score 2 if it were in force",
    ]
