"""scripts/what_if.py and scripts/check_release.py, and what promoting a shadow changes.

Every figure is worked out again day by day (support/what_if_plain.py), on a world that dbt built and on
a hand-made company with whatever that world lacks; the gate at the boundary of each limit.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import check_release
import what_if
from lib.validation import limits as evidence
from support.postgres import connect, new_database
from support.what_if import LIMITS, Company, Day, days_from
from support.what_if_plain import Plain
from support.worlds import World, built_again

pytestmark = pytest.mark.quick

# When the world "veterans" would promote its shadow, and how long that one holds a band.
PROMOTED_ON = date(2026, 5, 1)
SHADOW = f"education,3,{PROMOTED_ON},shadow,"
HOLD_DAYS = 3


# --- built worlds -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """The same company with the shadow, and with it promoted."""

    shadow: Path
    promoted: Path


@pytest.fixture(scope="module")
def built(worlds: Callable[[str], World], tmp_path_factory: pytest.TempPathFactory) -> Built:
    world, folder = worlds("veterans"), tmp_path_factory.mktemp("what_if")
    seeds = shutil.copytree(world.seeds, folder / "seeds")
    scorecards = seeds / "scorecard" / "scorecards.csv"
    text = scorecards.read_text(encoding="utf-8")
    assert text.count(SHADOW) == 1
    scorecards.write_text(text.replace(SHADOW, SHADOW.replace("shadow", "live")), encoding="utf-8")
    return Built(world.database, built_again(world, folder, "scorecards+", seeds=seeds))


def fetched(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


MARTS = {
    "account_health_daily": "as_of_date",
    "health_contributions": "as_of_date",
    "dimension_health_daily": "as_of_date",
    "health_outcomes": "observation_date",
}


@pytest.mark.slow
@pytest.mark.parametrize("mart", MARTS)
def test_promoting_changes_no_row_before_valid_from(built: Built, mart: str) -> None:
    query = f"select * from marts.{mart} where {MARTS[mart]} {{}} '{PROMOTED_ON}' order by all"
    before = [fetched(database, query.format("<")) for database in (built.shadow, built.promoted)]
    assert before[0] == before[1] and len(before[0]) > 100
    after = [fetched(database, query.format(">=")) for database in (built.shadow, built.promoted)]
    assert after[0] != after[1], "the promoted version changes nothing, so this shows nothing"


@pytest.mark.slow
def test_promoted_rows_are_what_the_shadow_had(built: Built) -> None:
    chosen = f"scorecard_id = 'education' and as_of_date >= '{PROMOTED_ON}'"
    as_shadow = f"{chosen} and status = 'shadow' and scorecard_version = 3"
    scores = "account_id, as_of_date, health_score, data_score, raw_band, score_reason, {}"
    query = f"select {scores} from {{}} where {{}} order by account_id, as_of_date"
    coverage = "cast(round(coverage, 4) as decimal(9, 4)) as coverage"
    shadow = fetched(
        built.shadow, query.format(coverage, "intermediate.int_scoring__scores", as_shadow)
    )
    live = fetched(built.promoted, query.format("coverage", "marts.account_health_daily", chosen))
    assert shadow == live and len(live) > 1000

    columns = (
        "account_id, as_of_date, contribution_kind, dimension_id, signal_id, product_id, rule_id, value,"
        " scale, points, effective_weight, contribution, points_lost, state, state_reason, rule_level"
    )
    query = f"select {columns} from {{}} where {{}} order by all"
    shadow = fetched(
        built.shadow, query.format("intermediate.int_scoring__contributions", as_shadow)
    )
    live = fetched(built.promoted, query.format("marts.health_contributions", chosen))
    assert shadow == live and len(live) > 10_000


@pytest.mark.slow
def test_promoted_stable_bands_settle_within_the_hold_days(built: Built) -> None:
    """They go on from the live bands before, the shadow's from its own, until either has settled."""
    query = "select account_id, as_of_date, band from {} where scorecard_id = 'education'"
    shadow = fetched(
        built.shadow,
        query.format("intermediate.int_scoring__bands")
        + " and status = 'shadow' and scorecard_version = 3",
    )
    live = fetched(built.promoted, query.format("marts.account_health_daily"))
    differing = {
        day for _, day, _ in set(live) - set(shadow) if day >= PROMOTED_ON
    }
    assert all(day < PROMOTED_ON + timedelta(days=HOLD_DAYS) for day in differing)


# --- every figure again -------------------------------------------------------------------------


def some_company(seed: int = 1, accounts: int = 40) -> Company:
    """Accounts that come, go, come back, change scorecard and owner, and flicker between bands."""
    chance = random.Random(seed)
    every = days_from(date(2026, 1, 1), 150)
    days: list[Day] = []
    churned_on: dict[tuple[str, int], date] = {}
    for number in range(accounts):
        account = f"acc_{number:02d}"
        start = 0 if number % 3 else chance.randrange(100)
        end = chance.randrange(start + 20, 150) if number % 2 else 150
        pieces = [(1, start, end)]
        if end < 100:
            pieces.append((2, end + 31, 150))
        bands = {"live": "unknown", "shadow": "unknown"}
        for spell, first, last in pieces:
            if last < 150:
                decided = every[last - 1] - timedelta(days=chance.randrange(15))
                churned_on[account, spell] = max(decided, every[first] + timedelta(days=1))
            for place in range(first, last):
                for side, calm in (("live", 0.93), ("shadow", 0.85)):
                    if chance.random() > calm:
                        words = ["unknown", "critical", "at_risk", "healthy"]
                        bands[side] = chance.choice(words)
                elsewhere = number % 7 == 0 and place // 25 % 2
                days.append(
                    Day(
                        account,
                        every[place],
                        bands["live"],
                        None if elsewhere else bands["shadow"],
                        owner_id=[None, "csm_1", "csm_2", "csm_3"][(number + place // 60) % 4],
                        revenue=None if number == 5 else Decimal(f"{number + place % 3}.25"),
                        spell_number=spell,
                        live_version=1 if place < 70 else 2,
                    )
                )
    company = Company(
        days, churned_on, horizons=(("quarter", 40, 5, 1.96), ("half_year", 80, 10, 1.64))
    )
    spell_of = {(day.account_id, day.as_of_date): day.spell_number for day in days}
    for horizon, length, gap, _ in company.horizons:
        for account, day in spell_of:
            left = churned_on.get((account, spell_of[account, day]), date.max)
            if day.day != 1 or left <= day:
                continue
            opens = day + timedelta(days=gap)
            closes = opens + timedelta(days=length)
            label = opens < left <= closes if closes <= every[-1] and left > opens else None
            company.outcomes.append((account, day, horizon, label))
    return company


@pytest.fixture
def no_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures from however few churned accounts, so that small worlds have some to compare."""
    monkeypatch.setattr(evidence, "MEASURES_FROM", 1)
    monkeypatch.setattr(evidence, "BAND_ACCOUNTS_FROM", 1)


def compared(database: Path, out: Path, *arguments: str) -> dict:
    """What what_if.json holds."""
    assert what_if.main([*arguments, "--database", str(database), "--out", str(out)]) == 0
    return json.loads((out / "what_if.json").read_text())


def assert_figures(found: dict, plain: Plain) -> None:
    """Everything in the document but the movers."""
    assert (found["first_day"], found["last_day"]) == (str(plain.first_day), str(plain.last_day))
    assert found["days"] == len({day for _, day in plain.compared})
    for part, day in (("last_day", plain.last_day), ("history", None)):
        rows = {
            (row["live_band"], row["shadow_band"]): (
                row["accounts"], row["account_days"], row["recurring_revenue"],
            )
            for row in found["migrations"][part]
        }  # fmt: skip
        expected = plain.migrations(day)
        assert rows.keys() == expected.keys()
        for bands, cell in rows.items():
            assert cell == pytest.approx(expected[bands]), bands
    for side in ("live", "shadow"):
        weeks = {
            (row["owner_id"], date.fromisoformat(row["week_starts_on"])): (
                row["compared"], row["elsewhere"],
            )
            for row in found["entries_into_worst_band"][side]
        }  # fmt: skip
        assert weeks == plain.entries(side)
        changes = found["band_changes"][side]
        years, made, flaps = plain.changes(side, found["flap_days"])
        assert (changes["changes"], changes["flaps"]) == (made, flaps)
        assert changes["account_years"] == pytest.approx(years)
        assert changes["changes_per_account_a_year"] == pytest.approx(made / years)
        assert changes["flap_share"] == pytest.approx(flaps / made)
        for outcomes in found["outcomes"]:
            assert_outcomes(outcomes, plain, side)


def assert_outcomes(outcomes: dict, plain: Plain, side: str) -> None:
    horizon = outcomes["horizon"]
    length, gap = horizon["horizon_days"], horizon["gap_days"]
    expected = plain.churn(side, horizon["horizon_id"], length, gap)
    bands = {row["band"]: row for row in outcomes["bands"][side]}
    assert bands.keys() == expected.keys()
    for name, row in bands.items():
        n, _, churned, _ = counts = (
            row["observations"], row["accounts"], row["churned_observations"],
            row["churned_accounts"],
        )  # fmt: skip
        assert counts == expected[name]
        if outcomes["churned_accounts"] < evidence.MEASURES_FROM:
            assert (row["rate"], row["low"], row["high"]) == (None, None, None)
            continue
        # An end of Wilson's interval is the rate from which the share seen is just z deviations away.
        assert row["rate"] == pytest.approx(churned / n)
        for end in (row["low"], row["high"]):
            deviation = math.sqrt(max(end * (1 - end), 0) / n)
            assert abs(churned / n - end) == pytest.approx(
                horizon["interval_z"] * deviation, abs=1e-9
            )
        assert row["low"] <= row["rate"] + 1e-12 and row["rate"] <= row["high"] + 1e-12
    lead, other = outcomes["lead_time"][side], plain.lead(side, length + gap)
    assert lead["days"] == length + gap
    assert (lead["leavers"], lead["leavers_warned"]) == (other["leavers"], other["leavers_warned"])
    if lead["leavers"] >= evidence.MEASURES_FROM:
        assert lead["leavers_share"] == pytest.approx(other["leavers_share"])
        assert lead["stayers_share"] == pytest.approx(other["stayers_share"])
        if lead["leavers_warned"]:
            assert lead["lead_days"][1] == other["median"]


@pytest.mark.slow
@pytest.mark.usefixtures("no_floors")
def test_figures_of_a_built_world(built: Built, tmp_path: Path) -> None:
    plain = Plain(built.shadow, "education", 3)
    found = compared(built.shadow, tmp_path, "education/2", "education/3")
    assert_figures(found, plain)
    assert [row["scorecard_version"] for row in found["live_versions"]] == [1, 2]
    assert sum(row["compared"] for row in found["entries_into_worst_band"]["shadow"]) > 5
    assert sum(row["leavers_warned"] for row in
               (outcome["lead_time"]["shadow"] for outcome in found["outcomes"])) > 0  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("no_floors")
def test_figures_since_a_day(built: Built, tmp_path: Path) -> None:
    since = date(2026, 4, 1)
    found = compared(built.shadow, tmp_path, "education/2", "education/3", "--since", str(since))
    assert_figures(found, Plain(built.shadow, "education", 3, since))
    assert [row["scorecard_version"] for row in found["live_versions"]] == [2]


@pytest.mark.usefixtures("no_floors")
@pytest.mark.parametrize("seed", range(3))
def test_figures_of_a_company_with_everything(tmp_path: Path, seed: int) -> None:
    database = some_company(seed).write(tmp_path / "company.duckdb")
    found = compared(database, tmp_path, "card/2", "card/3")
    assert_figures(found, Plain(database, "card", 3))
    outcomes = found["outcomes"][0]
    assert outcomes["churned_accounts"] > 3 and outcomes["lead_time"]["live"]["leavers_warned"] > 1
    assert any(row["elsewhere"] for row in found["entries_into_worst_band"]["shadow"])
    assert found["band_changes"]["shadow"]["flaps"] > 10
    for side in ("live", "shadow"):
        assert_separation(outcomes, side, Plain(database, "card", 3))


def assert_separation(outcomes: dict, side: str, plain: Plain) -> None:
    """Worst minus best against the rates, its interval against resamples of our own."""
    by_account: dict[str, list[float]] = {}
    for account, day, churned in plain.rows(
        "select account_id, observation_date, is_churned from marts.health_outcomes"
        f" where horizon_id = '{outcomes['horizon']['horizon_id']}' and is_churned is not null"
    ):
        if (account, day) in plain.compared:
            rank = plain.bands[side][account, day][1]
            sums = by_account.setdefault(account, [0.0] * 4)
            for place, wanted in ((0, 1), (2, 3)):
                sums[place] += rank == wanted and churned
                sums[place + 1] += rank == wanted

    def difference(chosen: list[list[float]]) -> float | None:
        left_worst, worst, left_best, best = (sum(column) for column in zip(*chosen))
        return left_worst / worst - left_best / best if worst and best else None

    every, chance = list(by_account.values()), random.Random(7)
    found = outcomes["separation"][side]["difference"]
    assert found["value"] == pytest.approx(difference(every))
    values = (difference(chance.choices(every, k=len(every))) for _ in range(1000))
    resampled = sorted(value for value in values if value is not None)
    for end, share in (("low", 0.025), ("high", 0.975)):
        expected = resampled[int(share * len(resampled))]
        assert found[end] == pytest.approx(expected, abs=0.08)


@pytest.mark.slow
def test_movers_with_their_reasons(built: Built, tmp_path: Path) -> None:
    found = compared(built.shadow, tmp_path, "education/2", "education/3", "--movers", "7")
    movers = found["top_movers"]
    chosen = f"as_of_date = '{found['last_day']}' and scorecard_id = 'education'"
    scores = {"live": {}, "shadow": {}}
    for account, status, number, score in fetched(
        built.shadow,
        "select account_id, status, scorecard_version, health_score"
        f" from intermediate.int_scoring__scores where {chosen} and health_score is not null",
    ):
        if number in (2, 3):
            scores[status][account] = score
    differences = {
        account: scores["shadow"][account] - score
        for account, score in scores["live"].items()
        if scores["shadow"].get(account, score) != score
    }
    order = sorted(differences, key=lambda account: (-abs(differences[account]), account))
    assert [mover["account_id"] for mover in movers] == order[:7]
    labels = dict(fetched(built.shadow, "select signal_id, label from staging.stg_scorecard__signals"))
    for mover in movers:
        account = mover["account_id"]
        assert mover["difference"] == pytest.approx(float(differences[account]))
        sums: dict[str, dict[str, float]] = {}
        for status, number, signal, contribution in fetched(
            built.shadow,
            "select status, scorecard_version, signal_id, contribution from"
            f" intermediate.int_scoring__contributions where {chosen} and account_id = '{account}'",
        ):
            if number in (2, 3):
                sides = sums.setdefault(labels[signal], {})
                sides[status] = sides.get(status, 0) + float(contribution)
        causes = {cause["label"]: (cause["live"], cause["shadow"]) for cause in mover["causes"]}
        assert causes.keys() == sums.keys()
        for label, sides in sums.items():
            assert causes[label] == pytest.approx((sides.get("live"), sides.get("shadow")))
        moved = [abs((cause["shadow"] or 0) - (cause["live"] or 0)) for cause in mover["causes"]]
        assert moved == sorted(moved, reverse=True)
        total = sum((cause["shadow"] or 0) - (cause["live"] or 0) for cause in mover["causes"])
        assert total == pytest.approx(mover["difference"])


@pytest.mark.slow
def test_a_shadow_that_scores_nobody(worlds: Callable[[str], World], tmp_path: Path, capsys) -> None:
    world = worlds("versions")
    arguments = ("small_business/2", "small_business/3")
    found = compared(world.database, tmp_path, *arguments)
    assert {row["shadow_band"] for row in found["migrations"]["history"]} == {"unknown"}
    assert any("small_business/3 gave no account a score" in text for text in found["warnings"])
    capsys.readouterr()
    assert check_release.main([*arguments, "--database", str(world.database)]) == 2
    assert "could not be judged" in capsys.readouterr().out


# --- what is read, written and said -------------------------------------------------------------


@pytest.mark.slow
def test_the_warehouse_is_only_read(built: Built, tmp_path: Path, monkeypatch) -> None:
    def state() -> tuple:
        files = sorted(path.name for path in built.shadow.parent.iterdir())
        return files, hashlib.sha256(built.shadow.read_bytes()).hexdigest()

    opened, connect_really = [], duckdb.connect

    def connect_noted(*arguments, **options):
        opened.append(options.get("read_only"))
        return connect_really(*arguments, **options)

    before = state()
    monkeypatch.setattr(duckdb, "connect", connect_noted)
    arguments = ["education/2", "education/3", "--database", str(built.shadow)]
    assert what_if.main([*arguments, "--out", str(tmp_path / "out")]) == 0
    assert check_release.main(arguments) in (0, 1, 2)
    assert opened == [True, True] and state() == before
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"what_if.json", "what_if.html"}


def test_page_stands_alone_and_text_says_the_same(tmp_path: Path, capsys) -> None:
    company = some_company()
    database = company.write(tmp_path / "company.duckdb")
    compared(database, tmp_path, "card/2", "card/3")
    text, page = capsys.readouterr().out, (tmp_path / "what_if.html").read_text()
    for title in ("Band migrations", "Entries into the worst band per CSM", "Lead time", "Top movers"):
        assert f"== {title}" in text and f"<h2>{title}" in page
    assert "Name of acc_" in text and "(no owner)" in text
    assert "Careful:" in page and "src=" not in page and "http" not in page
    assert "refused" in text, "fewer churned accounts than the floor give counts only"


@pytest.mark.slow
def test_same_on_postgres(postgres: Mapping[str, str], tmp_path: Path, monkeypatch) -> None:
    company = some_company(accounts=12)
    on_duckdb = compared(company.write(tmp_path / "company.duckdb"), tmp_path, "card/2", "card/3")
    settings = new_database(postgres, "what_if")
    with connect(settings) as cursor:
        for statement in company.statements():
            cursor.execute(statement)
    for name, value in {**settings, "HEALTH_TARGET": "postgres"}.items():
        monkeypatch.setenv(name, value)
    out = tmp_path / "postgres"
    assert what_if.main(["card/2", "card/3", "--out", str(out)]) == 0
    assert json.loads((out / "what_if.json").read_text()) == on_duckdb


def good() -> Company:
    """40 accounts always in the worst band, 30 of which left, and 40 always in the best; 10 weeks."""
    sundays = days_from(date(2026, 1, 4), 10, step=7)
    accounts = [(f"bad_{n:02d}", "critical", n < 30) for n in range(40)]
    accounts += [(f"good_{n:02d}", "healthy", False) for n in range(40)]
    return Company(
        days=[Day(who, sunday, band, band) for who, band, _ in accounts for sunday in sundays],
        outcomes=[(who, sundays[0], "quarter", left) for who, _, left in accounts],
    )


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("card/9", "card/3"), "no version card/9. Mend: add it to scorecards.csv"),
        (("card/1", "card/9"), "one of: card/3, card/4, idle/2"),
        (("card/3", "card/1"), "card/3 is of the status shadow, and the first one named must be a live"),
        (("card/1", "other/1"), "other/1 is of the status live, and the second one named must be a shadow"),
        (("card", "card/3"), "card names no version. Mend: write scorecard/version"),
        (("other/1", "card/3"), "versions of two scorecards"),
        (("card/1", "card/4"), "card/4 is in the seeds and was not scored. Mend: run make build"),
        (("idle/1", "idle/2"), "idle/1 scored no account on any day"),
        (("card/1", "card/3", "--since", "2027-01-01"), "on any day since 2027-01-01"),
    ],
)
def test_versions_that_cannot_be_compared(arguments, said, tmp_path: Path, capsys) -> None:
    database = good().write(tmp_path / "good.duckdb")
    for command, status in ((what_if, 1), (check_release, 2)):
        assert command.main([*arguments, "--database", str(database)]) == status
        printed = capsys.readouterr()
        assert said in printed.err and "Mend: " in printed.err and printed.out == ""


def test_not_built_and_not_there(tmp_path: Path, capsys) -> None:
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as connection:
        connection.execute("create schema raw")
    for name, said in (("empty", "not built here"), ("none", "there is no such database")):
        arguments = ["card/1", "card/3", "--database", str(tmp_path / f"{name}.duckdb")]
        assert (what_if.main(arguments), check_release.main(arguments)) == (1, 2)
        assert capsys.readouterr().err.count(said) == 2


def test_a_limit_that_is_missing(tmp_path: Path, capsys) -> None:
    company = good()
    company.limits = {name: value for name, value in LIMITS.items() if name != "owner_weeks_above_percent"}
    status, _, said = gate(company, tmp_path, capsys)
    assert status == 2 and "the limit owner_weeks_above_percent is not there. Mend: add its row" in said


def test_schemas_with_a_prefix(tmp_path: Path, capsys) -> None:
    database = good().write(tmp_path / "good.duckdb")
    with duckdb.connect(str(database)) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall():
            connection.execute(f"create schema if not exists ada_{schema}")
            connection.execute(f"create table ada_{schema}.{table} as from {schema}.{table}")
            connection.execute(f"drop table {schema}.{table}")
    arguments = ["card/1", "card/3", "--database", str(database)]
    assert check_release.main(arguments) == 2
    assert check_release.main([*arguments, "--schema-prefix", "ada_"]) == 0


@pytest.mark.parametrize("command", [what_if, check_release])
def test_help(command, capsys) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(["--help"])
    assert end.value.code == 0
    assert "LIVE" in (said := capsys.readouterr().out) and "docs/what_if.md" in said


# --- the gate -----------------------------------------------------------------------------------


def gate(company: Company, folder: Path, capsys, *arguments: str) -> tuple[int, list[str], str]:
    """Exit status, one line a check, and what stands in the way."""
    number = len(list(folder.glob("gate*.duckdb")))
    database = company.write(folder / f"gate{number}.duckdb")
    capsys.readouterr()
    status = check_release.main(["card/1", "card/3", "--database", str(database), *arguments])
    printed = capsys.readouterr()
    return status, [line.strip() for line in printed.out.splitlines()[1:]], printed.err


def changed(company: Company, choose: Callable[[Day], bool], **changes: object) -> Company:
    """The company with its chosen days changed."""
    days = [replace(day, **changes) if choose(day) else day for day in company.days]
    return replace(company, days=days)


def test_accepted(tmp_path: Path, capsys) -> None:
    status, checks, _ = gate(good(), tmp_path, capsys)
    assert status == 0 and [line.split(":")[0] for line in checks] == ["accepted"] * 3


def test_too_few_churned_accounts(tmp_path: Path, capsys) -> None:
    company = good()
    assert gate(company, tmp_path, capsys)[0] == 0, "30 churned accounts are enough"
    who, day, horizon, _ = company.outcomes[0]
    company.outcomes[0] = (who, day, horizon, False)
    status, checks, _ = gate(company, tmp_path, capsys)
    assert status == 2 and "29 churned accounts with a score, 30 are needed" in checks[0]
    company.outcomes[0] = (who, day, horizon, None)
    assert gate(company, tmp_path, capsys)[0] == 2, "not to be judged is not churned"


@pytest.mark.parametrize("best, status", [(10, 0), (9, 2)])
def test_too_few_accounts_in_a_band(best: int, status: int, tmp_path: Path, capsys) -> None:
    late = f"good_{best:02d}"
    company = changed(
        good(), lambda day: day.account_id >= late and day.account_id.startswith("good"),
        live_band="at_risk", shadow_band="at_risk",
    )  # fmt: skip
    found, checks, _ = gate(company, tmp_path, capsys)
    assert found == status
    if status:
        assert "40 accounts were ever in the worst band" in checks[0] and "9 in the best" in checks[0]


def test_best_band_is_the_top_of_the_version(tmp_path: Path, capsys) -> None:
    """With nobody in the top band, the band below does not stand in for it."""
    company = changed(
        good(), lambda day: day.shadow_band == "healthy", live_band="at_risk", shadow_band="at_risk"
    )
    assert gate(company, tmp_path, capsys)[0] == 2


def test_worst_must_leave_more_than_best_beyond_the_interval(tmp_path: Path, capsys) -> None:
    """The more of the best band leave, the narrower; refused from where the interval reaches 0."""
    statuses = []
    for left in range(16, 32, 4):
        company = good()
        for place in range(40, 40 + left):
            who, day, horizon, _ = company.outcomes[place]
            company.outcomes[place] = (who, day, horizon, True)
        database = company.write(tmp_path / f"left{left}.duckdb")
        document = compared(database, tmp_path, "card/1", "card/3")
        low = document["outcomes"][0]["separation"]["shadow"]["difference"]["low"]
        capsys.readouterr()
        status = check_release.main(["card/1", "card/3", "--database", str(database)])
        assert status == (0 if low > 0 else 1)
        assert ("did not leave more" in capsys.readouterr().out) == (low <= 0)
        statuses.append(status)
    assert statuses == sorted(statuses) and set(statuses) == {0, 1}


@pytest.mark.parametrize("cents, status", [(0, 0), (1, 1)])
def test_revenue_that_changes_band(cents: int, status: int, tmp_path: Path, capsys) -> None:
    """16 of 80 accounts are 20 % of revenue: exactly the limit; a cent more is beyond."""
    company = good()
    last = max(day.as_of_date for day in company.days)
    company = changed(
        company,
        lambda day: day.as_of_date == last and "good_00" <= day.account_id <= "good_15",
        shadow_band="at_risk",
    )
    company = changed(
        company, lambda day: day.account_id == "good_00", revenue=100 + Decimal(cents) / 100
    )
    found, checks, _ = gate(company, tmp_path, capsys)
    assert found == status
    assert checks[1].startswith("refused" if status else "accepted")
    assert f"20.0 % of recurring revenue is in another band on {last}, limit 20 %" in checks[1]


def test_revenue_that_nobody_knows(tmp_path: Path, capsys) -> None:
    status, checks, _ = gate(changed(good(), lambda day: True, revenue=None), tmp_path, capsys)
    assert status == 2 and checks[1].startswith("could not be judged: how much revenue")


def with_entries(company: Company, weeks: Mapping[int, int], prefix: str = "good") -> Company:
    """So many accounts in the worst band under the shadow, in those weeks only."""
    sundays = sorted({day.as_of_date for day in company.days})
    chosen = {
        (f"{prefix}_{n:02d}", sundays[week]) for week, times in weeks.items() for n in range(times)
    }
    return changed(
        company, lambda day: (day.account_id, day.as_of_date) in chosen, shadow_band="critical"
    )


@pytest.mark.parametrize(
    "weeks, status",
    [
        ({3: 5, 5: 5, 7: 5}, 0),  # as many as can be worked, week after week
        ({3: 6}, 0),  # one week of ten is 10 %
        ({3: 6, 5: 6}, 1),
    ],
)
def test_entries_that_a_csm_can_work(weeks, status: int, tmp_path: Path, capsys) -> None:
    found, checks, _ = gate(with_entries(good(), weeks), tmp_path, capsys)
    assert found == status
    if status:
        assert "csm_1 would have had more than 5 entries into the worst band in 2 of 10" in checks[2]


def test_every_csm_beyond_the_limit_is_named(tmp_path: Path, capsys) -> None:
    company = with_entries(good(), {3: 12, 5: 12})
    company = changed(
        company, lambda day: day.account_id.startswith("good") and int(day.account_id[-2:]) < 6,
        owner_id="csm_2",
    )  # fmt: skip
    status, checks, _ = gate(company, tmp_path, capsys)
    assert status == 1 and [line.split()[1] for line in checks[2:]] == ["csm_1", "csm_2"]


def test_entries_of_other_scorecards_are_work_too(tmp_path: Path, capsys) -> None:
    company = with_entries(good(), {3: 3, 5: 3})
    sundays = sorted({day.as_of_date for day in company.days})
    for n in range(3):
        company.days += [
            Day(f"else_{n}", sunday, "critical" if week in (3, 5) else "healthy", None)
            for week, sunday in enumerate(sundays)
        ]
    assert gate(company, tmp_path, capsys)[0] == 1
    company.days = [day for day in company.days if day.account_id != "else_0"]
    assert gate(company, tmp_path, capsys)[0] == 0, "5 a week can be worked"


def test_entries_without_an_owner(tmp_path: Path, capsys) -> None:
    status, checks, _ = gate(changed(good(), lambda day: True, owner_id=None), tmp_path, capsys)
    assert status == 2 and "no account has an owner" in checks[2]


def test_every_reason_is_named_and_refusing_goes_first(tmp_path: Path, capsys) -> None:
    company = with_entries(good(), {3: 6, 5: 6, 9: 40})
    who, day, horizon, _ = company.outcomes[0]
    company.outcomes[0] = (who, day, horizon, False)
    status, checks, _ = gate(company, tmp_path, capsys)
    words = [line.split(":")[0] for line in checks]
    assert status == 1 and words == ["could not be judged", "refused", "refused"]


def test_horizon_is_chosen_by_name(tmp_path: Path, capsys) -> None:
    company = good()
    company.horizons = (*company.horizons, ("year", 365, 14, 1.96))
    assert gate(company, tmp_path, capsys, "--horizon", "quarter")[0] == 0
    assert gate(company, tmp_path, capsys, "--horizon", "year")[0] == 2
    status, _, said = gate(company, tmp_path, capsys, "--horizon", "week")
    assert status == 2 and "no such horizon" in said and "(quarter, year)" in said
