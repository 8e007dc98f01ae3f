"""scripts/propose_weights.py: true weights are found again, the floors hold, and the project accepts the
proposed version."""

from __future__ import annotations

import csv
import datetime
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import propose_weights
from lib.fitting.rows import Signals, read_evidence, read_signals
from lib.fitting.seeds import Card, Rule, SeedsError, card_in_force, default_seeds
from lib.fitting.weights import (
    Limits,
    Proposal,
    Weights,
    hundred,
    of_rules,
    propose,
    rounded,
    score,
)
from lib.validation import limits
from lib.warehouse import open_warehouse
from support.dbt import PROJECT, run_dbt
from support.postgres import connect, new_database
from support.seeds import seeds_with
from support.simulated import (
    MARTS,
    WINDOW_DAYS,
    rows_with_churned,
    rows_with_points,
    scores_of,
    write_marts,
)
from support.worlds import World, generate_world

pytestmark = pytest.mark.quick

SEEDS = ("scorecards", "dimensions", "scorecard_signals")
TODAY = datetime.date(2026, 1, 1)
ROW = {
    "scorecard_id": "card", "scorecard_version": "1", "min_coverage": "0.4",
    "min_dimension_coverage": "0.4", "min_dimensions": "2",
}  # fmt: skip
ASKED = Limits(0.4, 0.4, 2)
# A day on which the version of a shipped scorecard is in force.
SINCE = {1: datetime.date(2025, 12, 31), 2: TODAY}


def a_card() -> Card:
    """Two dimensions of two signals each; of the whole they weigh 30, 30, 20, 20."""
    rules = [
        Rule(f"s{number}", dimension, Decimal(50), "curve")
        for number, dimension in enumerate(("one", "one", "two", "two"))
    ]
    return Card("card", "1", ROW, {"one": Decimal(60), "two": Decimal(40)}, rules, 2)


def proposed(coefficients: list[float], intercept: float = -1.0, accounts: int = 900) -> Proposal:
    rows, points = rows_with_points(intercept, coefficients, accounts=accounts)
    card = a_card()
    rows["score"] = points @ Weights(card.dimensions, card.rules).shares()
    return propose(rows, signals_of(points), card, WINDOW_DAYS, accounts, bootstraps=60)


def signals_of(points: np.ndarray) -> Signals:
    names = [f"s{n}" for n in range(points.shape[1])]
    return Signals(names, points, np.ones(points.shape, dtype=bool), np.full(len(points), np.nan))


# The fit. --------------------------------------------------------------------------------------------


def test_other_weights_are_found_again_and_judged_better() -> None:
    true = np.array([0.6, 0.05, 0.05, 0.3])
    proposal = proposed(list(-0.08 * true), intercept=0.5)
    assert proposal.is_better and not proposal.choice.is_cautious
    for share, one in zip(true, proposal.signals, strict=True):
        assert one.proposed.low < share < one.proposed.high
    for name, share in (("one", 0.65), ("two", 0.35)):
        _, found = proposal.dimensions[name]
        assert found.low < share < found.high
    assert proposal.judged.difference_within_date.low > 0


def test_right_weights_are_not_replaced() -> None:
    proposal = proposed(list(-0.06 * np.array([0.3, 0.3, 0.2, 0.2])))
    assert proposal.proposed is not None and not proposal.is_better
    held = [one.proposed.low < one.current < one.proposed.high for one in proposal.signals]
    assert sum(held) >= len(held) - 1


def test_a_signal_that_points_the_wrong_way_gets_nothing_and_not_less() -> None:
    proposal = proposed([-0.04, 0.03, -0.03, -0.03], intercept=-0.5)
    weights = {rule.signal_id: rule.weight for rule in proposal.proposed.rules}
    assert weights["s1"] == 0 and weights["s0"] == 100
    assert all(weight >= 0 for weight in weights.values())
    assert proposal.signals[1].proposed.low == 0


def test_a_score_that_points_the_wrong_way_is_no_weight_to_pull_towards() -> None:
    proposal = proposed([0.02, 0.02, 0.01, 0.01], intercept=-6.5)
    assert proposal.proposed is None
    assert "nothing to pull towards" in proposal.refusals.refused[-1].why


@pytest.mark.parametrize(
    ("to_fit", "to_judge", "is_proposed", "is_cautious"),
    [(99, 60, False, None), (100, 60, True, True), (199, 60, True, True), (200, 60, True, False),
     (120, 49, False, None), (120, 50, True, True)],
)  # fmt: skip
def test_floors_in_churned_accounts(
    to_fit: int, to_judge: int, is_proposed: bool, is_cautious: bool | None
) -> None:
    rows = rows_with_churned(to_fit, to_judge)
    noise = np.random.default_rng(3).normal(0, 6, (len(rows), 4))
    points = np.clip(rows.score.to_numpy()[:, None] + noise, 0, 100)
    proposal = propose(rows, signals_of(points), a_card(), WINDOW_DAYS, 4000, bootstraps=20)
    assert (proposal.proposed is not None) == is_proposed
    assert proposal.choice is None if is_cautious is None else proposal.choice.is_cautious == is_cautious
    assert bool(proposal.refusals.refused) != is_proposed


# Weights that make 100. ------------------------------------------------------------------------------

PARTS = st.lists(st.floats(0, 1e3), min_size=1, max_size=25).filter(lambda parts: sum(parts) > 1e-6)


@settings(max_examples=200, deadline=None)
@given(PARTS)
def test_tenths_make_exactly_100(parts: list[float]) -> None:
    found = hundred(np.array(parts))
    assert sum(found) == 100
    for weight, part in zip(found, parts, strict=True):
        assert weight >= 0 and weight == weight.quantize(Decimal("0.1"))
        assert abs(float(weight) - 100 * part / sum(parts)) < 0.1 + 1e-9


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda shares: sum(shares) > 1e-3)
)
def test_rounded_weights_make_100_in_the_version_and_in_each_dimension(shares: list[float]) -> None:
    found = rounded(np.array(shares), a_card().rules)
    assert sum(found.dimensions.values()) == 100
    for name in found.dimensions:
        assert sum(rule.weight for rule in found.rules if rule.dimension_id == name) == 100
    assert found.shares().sum() == pytest.approx(1)


# The score, and what missing counts for. -------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.none() | st.floats(0, 100), min_size=4, max_size=4), min_size=1, max_size=6))
def test_neutral_points_times_the_shares_are_the_score(cells: list[list[float | None]]) -> None:
    points = np.array(cells, dtype=float).reshape(-1, 4)
    weights = Weights(a_card().dimensions, a_card().rules)
    whole, filled = score(points, np.ones(points.shape, dtype=bool), weights, ASKED)
    scored = ~np.isnan(whole)
    assert filled[scored] @ weights.shares() == pytest.approx(whole[scored])
    # Both dimensions are needed, and half of one is enough of it.
    observed = ~np.isnan(points)
    assert (scored == (observed[:, :2].any(axis=1) & observed[:, 2:].any(axis=1))).all()


def test_a_missing_signal_counts_as_its_dimension_and_a_missing_dimension_as_the_whole() -> None:
    three = replace(a_card(), dimensions={"one": Decimal(50), "two": Decimal(30), "three": Decimal(20)})
    rules = [*three.rules, Rule("s4", "three", Decimal(100), "curve")]
    weights = Weights(three.dimensions, rules)
    points = np.array([[80.0, np.nan, 40.0, 60.0, np.nan]])
    whole, filled = score(points, np.ones(points.shape, dtype=bool), weights, ASKED)
    assert whole[0] == pytest.approx((50 * 80 + 30 * 50) / 80)
    assert filled[0] == pytest.approx([80, 80, 40, 60, whole[0]])


@pytest.mark.slow
def test_the_score_is_that_of_the_marts(worlds: Callable[[str], World]) -> None:
    with open_warehouse(worlds("weekly").database) as warehouse:
        evidence = read_evidence(warehouse, "marts", "quarter", None)
        signals = read_signals(warehouse, "marts", evidence)
    assert np.isfinite(signals.weighed).all()
    compared = dict.fromkeys((1, 2), 0)
    for (scorecard_id, version), rows in evidence.rows.groupby(["scorecard_id", "scorecard_version"]):
        card = card_in_force(default_seeds(), scorecard_id, SINCE[version])
        own = signals.of(rows.index.to_numpy())
        asked = replace(ASKED, judgements=card.judgements)
        found, _ = score(*of_rules(own, card.rules), Weights(card.dimensions, card.rules), asked)
        distance = np.abs(found - own.weighed)
        # Products that are too young move weight in a way that an account's points do not show, and so
        # does the age of survey answers, which count in the second versions.
        exact, mean = {1: (0.9, 0.1), 2: (0.5, 0.2)}[version]
        assert np.mean(distance < 0.001) > exact and np.nanmean(distance) < mean
        compared[version] += len(rows)
    assert min(compared.values()) > 25


def test_an_account_without_an_observation_disturbs_nothing(database, tmp_path) -> None:
    """Such as one that left before any observation: it has a code too."""
    copied = shutil.copy(database, tmp_path / "copied.duckdb")
    with duckdb.connect(str(copied)) as connection:
        connection.execute("insert into marts.churn_dates (account_id) values ('aaa')")
    found = []
    for path in (database, Path(copied)):
        with open_warehouse(path) as warehouse:
            found.append(read_signals(warehouse, "marts", read_evidence(warehouse, "marts", None, None)))
    np.testing.assert_array_equal(found[0].points, found[1].points)


# The seeds. ------------------------------------------------------------------------------------------


def test_what_is_in_force_is_read_with_what_it_inherits(tmp_path: Path) -> None:
    folder = seeds_with(
        tmp_path / "seeds",
        {
            "scorecards": [
                "standard,2,2026-03-15,live,standard,1,0.5,0.6,3,7,5,tests,other weights",
                "standard,7,2026-01-15,shadow,standard,1,0.5,0.6,3,7,5,tests,what if",
            ],
            "dimensions": ["standard,2,usage,60", "standard,2,engagement,0"],
            "scorecard_signals": [
                "standard,2,usage,sudden_decline,0,decline_ratio",
                "standard,2,usage,usage_change,30,change_ratio",
            ],
        },
    )
    before = card_in_force(folder / "scorecard", "standard", datetime.date(2026, 3, 14))
    after = card_in_force(folder / "scorecard", "standard", datetime.date(2026, 3, 15))
    assert (before.version, after.version) == ("1", "2")
    assert before.next_version == after.next_version == 8
    assert "engagement" in before.dimensions and "engagement" not in after.dimensions
    assert {rule.dimension_id for rule in after.rules} == set(after.dimensions)
    weights = {rule.signal_id: rule.weight for rule in after.rules}
    assert "sudden_decline" not in weights and weights["usage_change"] == 30
    for card in (before, after):
        assert sum(card.dimensions.values()) == 100
    with pytest.raises(SeedsError, match="Mend: name one of: .*standard"):
        card_in_force(folder / "scorecard", "absent", TODAY)


# The command. ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scorecard seeds with the first versions alone."""
    return seeds_with(tmp_path_factory.mktemp("first") / "seeds", {}) / "scorecard"


@pytest.fixture(scope="module")
def database(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Marts of accounts that leave by one signal of each of two dimensions, little as they weigh."""
    card = card_in_force(first, "standard", TODAY)
    last_of = {rule.dimension_id: rule.signal_id for rule in card.rules}
    risks = dict.fromkeys(list(last_of.values())[:2], 0.08)
    path = tmp_path_factory.mktemp("weights") / "simulated.duckdb"
    segments = ["everyone_else"] * 30 + ["small"]
    return write_marts(path, card, risks, segments=segments, base=-5.5)


@pytest.fixture
def run(first: Path, tmp_path: Path) -> Callable[..., tuple[int, dict]]:
    """The command on the first versions, or on --seeds: its exit status and its JSON."""

    def command(
        database: Path | None, *arguments: str, out: Path | None = None, scorecard: str = "standard"
    ) -> tuple[int, dict]:
        out = out or tmp_path / "out"
        named = ["--database", str(database)] if database else []
        status = propose_weights.main(
            [*named, "--seeds", str(first), "--scorecard", scorecard, "--out", str(out), "--bootstraps", "40", *arguments]
        )
        report = out / "weights_proposal.json"
        return status, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}

    return command


def rows_of(folder: Path, seed: str) -> list[dict[str, str]]:
    with (folder / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.slow
def test_the_project_accepts_the_proposed_version(first, database, run, tmp_path) -> None:
    before = {path: path.read_bytes() for path in first.glob("*")}
    status, report = run(database)
    assert status == 0 and report["is_better"]
    assert {path: path.read_bytes() for path in first.glob("*")} == before
    out = tmp_path / "out"
    [version] = rows_of(out, "scorecards")
    assert (version["status"], version["scorecard_version"]) == ("shadow", "2")
    assert (version["extends_scorecard_id"], version["extends_version"]) == ("standard", "1")
    for rows in (rows_of(out, "dimensions"), rows_of(out, "scorecard_signals")):
        assert all(re.fullmatch(r"\d+(\.\d)?", row["weight"]) for row in rows)
    assert sum(Decimal(row["weight"]) for row in rows_of(out, "dimensions")) == 100

    added = {
        seed: (out / f"{seed}.csv").read_text(encoding="utf-8").splitlines()[1:] for seed in SEEDS
    }
    raw = generate_world(tmp_path / "raw", seed=1, weeks=26)
    run_dbt(
        ("build", "--select", "+stg_scorecard__errors", "stg_scorecard__rules",
         "base_scorecard__signals", "--exclude-resource-type", "test", "unit_test"),
        raw=raw, target_path=tmp_path / "target", seeds=seeds_with(tmp_path / "seeds", added),
    )  # fmt: skip
    with duckdb.connect(str(tmp_path / "target" / "warehouse.duckdb"), read_only=True) as connection:
        found = dict(connection.execute("""
            select signal_id, cast(dimension_weight * signal_weight / 10000 as double)
            from staging.stg_scorecard__rules
            where scorecard_id = 'standard' and scorecard_version = 2
        """).fetchall())  # fmt: skip
    expected = {
        one["signal_id"]: one["proposed"]["value"]
        for one in report["signals"]
        if one["proposed"]["value"] > 0
    }
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_report_says_what_each_weight_rests_on(first, database, run, tmp_path) -> None:
    _, report = run(database)
    card = card_in_force(first, "standard", TODAY)
    assert [one["signal_id"] for one in report["signals"]] == [rule.signal_id for rule in card.rules]
    first = report["signals"][0]
    assert first["observed_share"] == pytest.approx(0.9, abs=0.05)
    assert first["churned_accounts"] < report["periods"]["churned_accounts_to_fit"]
    assert report["mean_distance_from_mart"] < 0.01
    page = (tmp_path / "out" / "weights_proposal.md").read_text(encoding="utf-8")
    assert report["sentence"] in page and "interval" in page


def test_a_small_segment_is_pooled_and_a_shared_scorecard_is_pointed_out(
    database, run, tmp_path, capsys
) -> None:
    seeds = seeds_with(
        tmp_path / "seeds", {"segments": ["small,500,plan,is,tiny,standard,1900-01-01,9999-12-31,few"]}
    )
    folder = ("--seeds", str(seeds / "scorecard"))
    _, pooled = run(database, "--segment", "small", *folder)
    assert "pooled with everybody" in pooled["notes"][0]
    _, everybody = run(database, *folder)
    assert pooled["signals"] == everybody["signals"]
    _, own = run(database, "--segment", "everyone_else", *folder)
    assert own["churned_accounts"] < everybody["churned_accounts"]
    assert "also scores small" in own["notes"][0]
    assert run(database, "--segment", "nobody", *folder, out=tmp_path / "none") == (2, {})
    assert "Mend: name one of: everyone_else, small" in capsys.readouterr().err


def test_weights_that_are_not_better_are_called_so(first, run, tmp_path, capsys) -> None:
    card = card_in_force(first, "standard", TODAY)
    risks = {
        rule.signal_id: 0.16 * share
        for rule, share in zip(card.rules, Weights(card.dimensions, card.rules).shares(), strict=True)
    }
    path = write_marts(tmp_path / "right.duckdb", card, risks, segments=["everyone_else"])
    status, report = run(path)
    assert status == 1 and not report["is_better"]
    assert "not shown to be better" in report["sentence"]
    assert "not shown to be better" in rows_of(tmp_path / "out", "scorecards")[0]["note"]
    assert "Keep those in force" in capsys.readouterr().out


def test_a_ranking_that_is_too_good_is_said(database, run, monkeypatch, capsys) -> None:
    _, report = run(database)
    assert not any("the AUC of" in note for note in report["notes"])
    capsys.readouterr()
    monkeypatch.setattr(limits, "SUSPECT_AUC", 0.5)
    _, report = run(database)
    told = [note for note in report["notes"] if "the AUC of the score of the proposed weights" in note]
    assert told and f"careful: {told[0]}" in capsys.readouterr().out


def test_a_scorecard_that_scores_too_few_gets_no_rows(database, run, tmp_path) -> None:
    status, report = run(database, scorecard="enterprise")
    assert status == 2 and "100 are needed" in report["sentence"]
    assert all(not rows_of(tmp_path / "out", seed) for seed in SEEDS)


def test_it_refuses_to_write_into_the_seeds(database, run, capsys) -> None:
    before = sorted(path.name for path in default_seeds().glob("*"))
    status, _ = run(database, out=default_seeds())
    assert status == 2 and "Mend: name another folder" in capsys.readouterr().err
    assert sorted(path.name for path in default_seeds().glob("*")) == before


@pytest.mark.slow
def test_postgres_gives_the_same_weights(database, run, tmp_path, postgres, monkeypatch) -> None:
    settings = new_database(postgres, "weighed")
    with connect(settings) as cursor, duckdb.connect(str(database)) as connection:
        cursor.execute("create schema marts")
        for mart in MARTS:
            file = tmp_path / f"{mart}.csv"
            connection.execute(f"copy marts.{mart} to '{file}' (header false)")
            columns = connection.execute(f"describe marts.{mart}").fetchall()
            types = ", ".join(f"{name} {kind.replace('VARCHAR', 'text')}" for name, kind, *_ in columns)
            cursor.execute(f"create table marts.{mart} ({types})")
            with file.open(encoding="utf-8") as lines:
                cursor.copy_expert(f"copy marts.{mart} from stdin (format csv)", lines)
    _, expected = run(database, out=tmp_path / "duckdb")
    monkeypatch.setenv("HEALTH_TARGET", "postgres")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    _, found = run(None, out=tmp_path / "postgres")
    assert found["seed_rows"] == expected["seed_rows"]


def test_nothing_names_a_signal_or_a_dimension() -> None:
    scripts = PROJECT / "scripts"
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (
            *(scripts / "lib" / "fitting").glob("*.py"),
            scripts / "fit_churn_model.py",
            scripts / "propose_weights.py",
        )
    )
    names = {row["signal_id"] for row in rows_of(default_seeds(), "signals")}
    assert names and not [name for name in names if re.search(rf"\b{name}\b", sources)]


def test_simulated_scores_are_those_of_the_scoring() -> None:
    card = a_card()
    points = np.array([[10.0, np.nan, 30.0, 50.0], [0.0, 100.0, 20.0, 20.0]])
    by_hand, _ = scores_of(points, card)
    found, _ = score(points, np.ones(points.shape, dtype=bool), Weights(card.dimensions, card.rules), ASKED)
    assert found == pytest.approx(by_hand)
