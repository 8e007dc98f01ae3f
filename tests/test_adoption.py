"""Adoption and readiness to grow in a generated company, on the accounts that it plants for them."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb
import pytest

from support.dbt import PROJECT
from support.worlds import World

Query = Callable[[str], list[tuple]]


@pytest.fixture(scope="module")
def query(worlds: Callable[[str], World]) -> Query:
    """A function from SQL to rows; `cases` are the planted accounts."""
    world = worlds("versions")
    connection = duckdb.connect()
    connection.execute(f"attach '{world.database}' as warehouse (read_only)")
    truth = world.raw.parent / "truth" / "planted_cases.parquet"
    connection.execute(f"create view cases as from '{truth}'")
    connection.execute("use warehouse")
    return lambda sql: connection.execute(sql).fetchall()


def last_weeks(query: Query, case: str, signal: str) -> list[tuple[float, float]]:
    """Value and points of a signal on the last 28 days of a planted account, where observed."""
    return query(f"""
        select value, points
        from intermediate.int_scoring__points as points
        inner join memory.cases using (account_id)
        where case_name = '{case}' and signal_id = '{signal}' and scorecard_id = 'uptake'
            and state = 'observed'
            and as_of_date > (select max(as_of_date) - 28 from marts.account_health_daily)
        order by as_of_date
    """)


def test_steady_minutes_count_for_more_than_as_many_on_one_day(query: Query) -> None:
    """20 minutes on each of 20 days against 400 minutes on one: the same time, and not the same use."""
    steady, burst = (last_weeks(query, case, "time_in_product") for case in ("steady_use", "burst_use"))
    assert steady and {value for value, _ in steady} == {value for value, _ in burst} == {400}

    steady, burst = (last_weeks(query, case, "usage_consistency") for case in ("steady_use", "burst_use"))
    assert {value for value, _ in steady} == {400} and {value for value, _ in burst} == {30}
    assert min(points for _, points in steady) > max(points for _, points in burst)


@pytest.mark.parametrize("signal", ["time_decline", "consistency_decline"])
def test_a_sudden_decline_fires_and_a_slow_drift_of_the_same_size_does_not(
    query: Query, signal: str
) -> None:
    sudden, slow = (last_weeks(query, case, signal) for case in ("sudden_decline", "slow_drift"))
    assert min(points for _, points in sudden) == 0
    assert len(slow) > 14 and min(points for _, points in slow) > 50


def test_candidates_are_those_who_are_scored_and_not_under_notice(query: Query) -> None:
    wrong = query("""
        select scores.account_id
        from intermediate.int_scoring__scores as scores
        inner join intermediate.int_accounts__as_of as account_dates using (account_id, as_of_date)
        full join marts.expansion_candidates as candidates
            on scores.account_id = candidates.account_id
            and scores.as_of_date = candidates.as_of_date
            and scores.scorecard_id = candidates.scorecard_id
            and scores.health_score = candidates.expansion_score
        where (
            scores.status = 'expansion'
            and scores.as_of_date = (select max(as_of_date) from marts.account_health_daily)
            and (scores.health_score is not null and not account_dates.is_under_notice)
            != (candidates.account_id is not null)
        ) or scores.account_id is null
    """)
    assert not wrong
    ranked = query("""
        select expansion_rank, row_number() over (
            partition by scorecard_id
            order by coalesce(recurring_revenue, 0) * expansion_score desc, expansion_score desc, account_id
        )
        from marts.expansion_candidates
    """)
    assert len(ranked) > 30 and all(given == counted for given, counted in ranked)


def test_readiness_to_grow_is_no_part_of_health(query: Query) -> None:
    """The full seats of a school that has every pupil in are no signal of its health score."""
    mixed = query("""
        select distinct scorecard_id from marts.health_contributions
        where scorecard_id in ('expansion', 'uptake')
    """)
    assert not mixed


def test_the_expected_range_holds_the_weeks_before(query: Query) -> None:
    """Of every anomaly of the last day, the range told again from the values themselves."""
    wrong = query("""
        select anomalies.account_id, anomalies.signal_id
        from marts.signal_anomalies as anomalies
        inner join staging.stg_scorecard__signals as signals using (signal_id)
        inner join intermediate.int_accounts__as_of as now using (account_id, as_of_date)
        inner join intermediate.int_signals__measured as earlier
            on earlier.account_id = anomalies.account_id
            and earlier.signal_id = anomalies.compared_signal_id
            and earlier.product_id = anomalies.product_id
            and earlier.as_of_date < anomalies.as_of_date
            and earlier.as_of_date >= anomalies.as_of_date - signals.numerator_window_days
            and (anomalies.as_of_date - earlier.as_of_date) % 7 = 0
            and earlier.as_of_date >= now.spell_starts_on
            and earlier.state = 'observed'
        group by anomalies.account_id, anomalies.as_of_date, anomalies.signal_id, anomalies.product_id
        having abs(min(earlier.value) - min(expected_low)) > 0.000001
            or abs(max(earlier.value) - min(expected_high)) > 0.000001
            or abs(avg(earlier.value) - min(expected_value)) > 0.000001
            or min(is_outside_range::int) != (
                min(anomalies.value) < min(expected_low) or min(anomalies.value) > min(expected_high)
            )::int
    """)
    kinds = query("select signal_id, is_outside_range, count(*) from marts.signal_anomalies group by all")
    assert {signal for signal, _, _ in kinds} == {"usage_anomaly", "failures_unexpected"}
    assert {outside for _, outside, _ in kinds} == {True, False}
    assert not wrong


def test_whoever_reads_features_asks_for_them() -> None:
    """Where nothing asks, events are rolled up without their features, and a measure of them would be empty."""

    def counted(name: str, cte: str) -> set[str]:
        """The measures for which a CTE is computed."""
        sql = next((PROJECT / "models").rglob(f"{name}.sql")).read_text(encoding="utf-8")
        found = re.search(rf"\b{cte} as \(.*?is_counted\(\[(.*?)\]\)", sql, re.DOTALL)
        return set(re.findall(r"'(\w+)'", found.group(1)))

    readers = {
        path.stem
        for path in (PROJECT / "models").rglob("*.sql")
        if re.search(
            r"'int_activity__(feature_days|feature_users|adopted_features)'", path.read_text("utf-8")
        )
    }
    assert readers - {"int_activity__adopted_features", "int_changes__fingerprints"} == {
        "int_signals__usage_measures",
        "int_signals__adoption_measures",
        # Signs of life.
        "int_signals__engagement_measures",
        # Steps and milestones.
        "int_activity__event_days",
    }
    asked = counted("stg_scorecard__feature_use", "final")
    assert asked == {"signs_of_life"} | counted(
        "int_signals__usage_measures", "catalogue_days"
    ) | counted("int_signals__adoption_measures", "catalogue_days")
