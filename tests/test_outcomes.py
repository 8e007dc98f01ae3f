"""Outcomes and churn probabilities of built worlds, worked out again in plain Python."""

import math
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import pytest

from support.worlds import World


def rows(world: World, query: str) -> list[dict]:
    with duckdb.connect(str(world.database), read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]


@pytest.fixture(scope="module")
def world(worlds: Callable[[str], World]) -> World:
    return worlds("versions")


@pytest.fixture(scope="module")
def outcomes(world: World) -> list[dict]:
    return rows(world, "select * from marts.health_outcomes")


def test_labels_follow_the_window(world: World, outcomes: list[dict]) -> None:
    last_day = rows(world, "select max(as_of_date) as day from marts.account_health_daily")[0]["day"]
    seen = set()
    for row in outcomes:
        opens = row["observation_date"] + timedelta(days=row["gap_days"])
        closes = opens + timedelta(days=row["horizon_days"])
        churned_on = row["churned_on"]
        assert churned_on is None or churned_on > row["observation_date"], "observed after leaving"
        assert row["is_churned_in_gap"] == (churned_on is not None and churned_on <= opens)
        if closes > last_day:
            assert row["is_censored"]
        if row["is_censored"] or row["is_churned_in_gap"]:
            assert row["is_churned"] is None
        else:
            assert row["is_churned"] == (churned_on is not None and opens < churned_on <= closes)
        if row["is_event"]:
            assert row["days_to_event"] == (churned_on - row["observation_date"]).days
        seen.add(row["is_churned"])
    assert seen == {True, False, None}


def test_everybody_is_observed_on_the_first_scored_day_of_each_month(
    world: World, outcomes: list[dict]
) -> None:
    days = [row["day"] for row in rows(
        world, "select distinct as_of_date as day from marts.account_health_daily"
    )]
    first_days: dict[tuple[int, int], date] = {}
    for day in sorted(days):
        first_days.setdefault((day.year, day.month), day)
    assert {row["observation_date"] for row in outcomes} == set(first_days.values())


def test_churn_is_the_notice_and_not_the_end_of_the_contract(world: World) -> None:
    churns = rows(world, "select * from marts.churn_dates where churn_basis = 'churn_event'")
    events = defaultdict(set)
    for row in rows(world, "select * from staging.stg_crm__churn_events"):
        events[row["account_id"]].add(row["notice_given_on"])
    assert churns
    assert all(row["churned_on"] in events[row["account_id"]] for row in churns)
    assert any(row["last_paid_on"] and row["last_paid_on"] > row["churned_on"] for row in churns)
    for row in rows(world, "select * from marts.churn_dates"):
        known = None if row["churn_basis"] == "end" else row["churned_on"]
        assert row["notice_given_on"] == known


def test_band_outcomes_count_the_rows_and_give_wilsons_interval(
    world: World, outcomes: list[dict]
) -> None:
    judged = [row for row in outcomes if row["is_churned"] is not None]
    for row in rows(world, "select * from marts.band_outcomes"):
        mine = [
            outcome
            for outcome in judged
            if (outcome["horizon_id"], outcome["band"]) == (row["horizon_id"], row["band"])
            and row["segment_id"] in ("all", outcome["segment_id"])
        ]
        n, churned = len(mine), sum(outcome["is_churned"] for outcome in mine)
        assert (row["observations"], row["churned_observations"]) == (n, churned)
        z, rate = 1.96, churned / n
        centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        assert float(row["churn_rate_low"]) == pytest.approx(centre - half, abs=1e-6)
        assert float(row["churn_rate_high"]) == pytest.approx(centre + half, abs=1e-6)


def test_acted_on_is_worked_out_from_the_touchpoints(world: World, outcomes: list[dict]) -> None:
    """Below the best band, and a person of ours reached out in the gap, before leaving was decided."""
    outreach = defaultdict(set)
    for row in rows(world, "select * from staging.stg_crm__touchpoints"):
        if row["direction"] == "outbound" and row["kind"] in ("meeting", "email", "call"):
            if not row["is_automated"]:
                outreach[row["account_id"]].add(row["occurred_at"].date())
    days = set().union(*outreach.values())
    best = {
        (row["scorecard_id"], row["scorecard_version"]): row["band_id"]
        for row in rows(world, "select * from staging.stg_scorecard__bands where upper_bound = 100")
    }
    seen = set()
    for row in outcomes:
        opens = row["observation_date"] + timedelta(days=row["gap_days"])
        if row["observation_date"] < min(days) or opens > max(days):
            assert row["is_acted_on"] is None
            continue
        is_below = row["band"] not in ("unknown", best[row["scorecard_id"], row["scorecard_version"]])
        reached = any(
            row["observation_date"] < day <= opens
            and (row["churned_on"] is None or day < row["churned_on"])
            for day in outreach[row["account_id"]]
        )
        assert row["is_acted_on"] == (is_below and reached), row
        seen.add((row["is_acted_on"], is_below))
    assert seen == {(True, True), (False, True), (False, False)}


def test_without_touchpoints_nobody_is_said_to_be_acted_on(worlds: Callable[[str], World]) -> None:
    world = worlds("sources off")
    found = rows(world, "select is_acted_on, count(*) as n from marts.health_outcomes group by 1")
    assert [row["is_acted_on"] for row in found] == [None] and found[0]["n"] > 0


def test_band_rank_and_best_band_are_those_of_the_version_in_force(world: World) -> None:
    ladder = defaultdict(list)
    for row in rows(world, "select * from staging.stg_scorecard__bands order by lower_bound"):
        ladder[row["scorecard_id"], row["scorecard_version"]].append(row["band_id"])
    for mart in ("account_health_daily", "account_health", "health_outcomes"):
        seen = set()
        for row in rows(world, f"select * from marts.{mart}"):
            if row["band"] == "unknown":
                expected = (None, None)
            else:
                bands = ladder[row["scorecard_id"], row["scorecard_version"]]
                expected = (bands.index(row["band"]) + 1, row["band"] == bands[-1])
            assert (row["band_rank"], row["is_best_band"]) == expected
            seen.add(expected)
        assert {(None, None), (2, False), (3, True)} <= seen, mart


def test_outcomes_carry_the_probability_that_was_shown_for_their_window(
    world: World, outcomes: list[dict]
) -> None:
    """The model m1 of the world speaks of the quarter, from 2026-04-01; before that nobody knew it."""
    parts = ["churn_probability", "churn_probability_low", "churn_probability_high"]
    daily = {
        (row["account_id"], row["as_of_date"]): [row[part] for part in parts]
        for row in rows(world, "select * from marts.account_health_daily")
    }
    shown = 0
    for row in outcomes:
        found = [row[part] for part in parts]
        if row["observation_date"] < date(2026, 4, 1) or row["horizon_id"] != "quarter":
            assert (row["churn_model_id"], found) == (None, [None] * 3)
        else:
            assert found == daily[row["account_id"], row["observation_date"]]
            assert row["churn_model_id"] == (None if found[0] is None else "m1")
            shown += found[0] is not None
    assert shown > 10


def logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def test_churn_probability_is_the_released_model_with_its_interval(world: World) -> None:
    """The model of the world: log odds 0.5 - 0.05 × score, from 2026-04-01."""
    daily = rows(world, "select * from marts.account_health_daily")
    reasons = defaultdict(int)
    for row in daily:
        reasons[row["churn_probability_reason"]] += 1
        if row["as_of_date"] < date(2026, 4, 1):
            assert row["churn_probability_reason"] == "no_model_released"
        elif row["health_score"] is None:
            assert row["churn_probability_reason"] == "no_score"
        else:
            score = float(row["health_score"])
            log_odds = 0.5 - 0.05 * score
            deviation = math.sqrt(0.09 - 2 * 0.0012 * score + 2.5e-5 * score * score)
            expected = [logistic(log_odds + z * deviation) for z in (0, -1.96, 1.96)]
            found = [
                row["churn_probability"], row["churn_probability_low"], row["churn_probability_high"],
            ]
            assert [float(number) for number in found] == pytest.approx(expected, abs=1e-6)
    assert set(reasons) == {"no_model_released", "no_score", None}


def test_without_a_released_model_there_is_no_probability(worlds: Callable[[str], World]) -> None:
    query = """
        select distinct churn_probability, churn_probability_reason from marts.account_health_daily
    """
    assert [tuple(row.values()) for row in rows(worlds("daily"), query)] == [
        (None, "no_model_released")
    ]


# The models of the world "dark", as (first day, terms: (coefficient, reference value)), latest first.
DARK_MODELS = (
    (date(2026, 6, 15), "average", {"intercept": (-3, 1)}),
    (
        date(2026, 5, 1), "weighed",
        {"intercept": (-0.5, 1), "usage": (-0.04, 62.25), "support": (0.01, 70)},
    ),
    (date(2026, 3, 1), "calibrated", {"intercept": (0.5, 1), "score": (-0.05, 61.5)}),
)  # fmt: skip
KEY = ("dimension_id", "signal_id", "product_id", "rule_id")


def test_drivers_are_worked_out_from_the_rows_of_the_score(worlds: Callable[[str], World]) -> None:
    """By the average slope between the reference and the account; what rounding leaves goes to the largest."""
    world = worlds("dark")
    contributions = defaultdict(list)
    for row in rows(world, """
        select * from marts.health_contributions
        where as_of_date >= date '2026-03-01' and (effective_weight > 0 or contribution <> 0)
    """):  # fmt: skip
        contributions[row["account_id"], row["as_of_date"]].append(row)
    scores = defaultdict(dict)
    for row in rows(world, "select * from marts.dimension_health_daily where dimension_score is not null"):
        scores[row["account_id"], row["as_of_date"]][row["dimension_id"]] = float(row["dimension_score"])
    drivers = defaultdict(list)
    for row in rows(world, "select * from marts.churn_drivers"):
        drivers[row["account_id"], row["as_of_date"]].append(row)

    kinds, models, without = set(), set(), 0
    for daily in rows(world, "select * from marts.account_health_daily"):
        place = daily["account_id"], daily["as_of_date"]
        found = drivers.pop(place, [])
        if daily["churn_probability"] is None:
            assert not found
            without += daily["churn_probability_reason"] == "dimension_not_observed"
            continue
        model, terms = next(one[1:] for one in DARK_MODELS if one[0] <= place[1])
        values = {"intercept": 1.0, "score": float(daily["health_score"]), **scores[place]}
        odds = sum(coefficient * values[term] for term, (coefficient, _) in terms.items())
        reference_odds = sum(coefficient * reference for coefficient, reference in terms.values())
        probability, reference = logistic(odds), logistic(reference_odds)
        slope = (
            probability * (1 - probability) if odds == reference_odds
            else (probability - reference) / (odds - reference_odds)
        )  # fmt: skip
        expected = {}
        for term, (coefficient, at) in terms.items():
            mine = [row for row in contributions[place] if term in ("score", row["dimension_id"])]
            weight = sum(float(row["effective_weight"] or 0) for row in mine)
            for row in mine:
                share = float(row["contribution"]) - float(row["effective_weight"] or 0) * at
                key = (term, row["contribution_kind"], *(row[name] for name in KEY))
                expected[key] = 100 * slope * coefficient * share / weight

        [start] = [row for row in found if row["driver_kind"] == "reference"]
        assert start["driver_rank"] is None
        assert float(start["percentage_points"]) == pytest.approx(100 * reference, abs=1e-4)
        assert {(row["model_id"], row["horizon_id"]) for row in found} == {(model, "quarter")}
        assert sum(row["percentage_points"] for row in found) == 100 * daily["churn_probability"]
        ranked = sorted((row for row in found if row is not start), key=lambda row: row["driver_rank"])
        assert [row["driver_rank"] for row in ranked] == list(range(1, len(expected) + 1))
        sizes = [abs(row["percentage_points"]) for row in ranked]
        assert sizes == sorted(sizes, reverse=True)
        off = []
        for row in ranked:
            key = (row["term"], row["driver_kind"], *(row[name] for name in KEY))
            off.append(abs(float(row["percentage_points"]) - expected.pop(key)))
            kinds.add((model, row["driver_kind"]))
        # A dimension's score has two decimals, so that rounding leaves more than that of the rows.
        assert not expected
        assert sum(one > 0.00006 for one in off) <= 1 and max(off, default=0) < 0.02
        models.add(model)
    assert not drivers and without and models == {"average", "calibrated", "weighed"}
    assert kinds == {
        *(("calibrated", kind) for kind in ("signal", "pulse", "point_rule", "cap", "clamp")),
        ("weighed", "signal"),
    }


def test_drivers_are_told_in_words(worlds: Callable[[str], World]) -> None:
    world = worlds("dark")
    words = {
        (row["kind"], row["id"], row["label"])
        for row in rows(world, """
            select 'signal' as kind, signal_id as id, label from staging.stg_scorecard__signals
            union select 'pulse', signal_id, label from staging.stg_scorecard__signals
            union select 'point_rule', rule_id, label from staging.stg_scorecard__point_rules
            union select 'cap', cap_id || signal_id, caps.label || ', ' || signals.label
            from staging.stg_scorecard__caps as caps
            inner join staging.stg_scorecard__signals as signals using (signal_id)
            union values
                ('reference', 'none', 'An account at the reference values'),
                ('clamp', 'dark_source', 'Signals of late sources, held'),
                ('clamp', 'none', 'Ends of the score')
        """)
    }  # fmt: skip
    found = rows(world, "select distinct driver_kind, rule_id, signal_id, label from marts.churn_drivers")
    assert len({row["driver_kind"] for row in found}) == 6
    for row in found:
        parts = [row[name] for name in ("rule_id", "signal_id") if row[name] != "none"]
        assert (row["driver_kind"], "".join(parts) or "none", row["label"]) in words, row


def test_without_a_released_model_there_are_no_drivers(worlds: Callable[[str], World]) -> None:
    assert rows(worlds("daily"), "select * from marts.churn_drivers") == []
