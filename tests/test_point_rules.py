"""Point rules in a generated company, on the accounts that it plants for them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import duckdb
import pytest

from support.worlds import World

Query = Callable[[str], list[tuple]]


@pytest.fixture(scope="module")
def query(worlds: Callable[[str], World]) -> Query:
    """A function from SQL to rows; `cases` are the planted accounts, `advocacy` the raw events."""
    world = worlds("point rules")
    connection = duckdb.connect()
    connection.execute(f"attach '{world.database}' as warehouse (read_only)")
    truth = world.raw.parent / "truth" / "planted_cases.parquet"
    connection.execute(f"create view cases as from '{truth}'")
    connection.execute(f"create view advocacy as from '{world.raw / 'advocacy_events.parquet'}'")
    connection.execute("use warehouse")
    return lambda sql: connection.execute(sql).fetchall()


@pytest.mark.parametrize(
    "case, firings",
    [
        ("pricing_three_days", 1),
        ("pricing_with_gap", 0),
        ("pricing_six_days", 1),
        ("pricing_no_question", 0),
    ],
)
def test_the_pricing_rule_fires_once_or_not_at_all(query: Query, case: str, firings: int) -> None:
    """As the truth of the case says: by days 1, 2, 3, 4 and so on, 60 days before the end."""
    found = query(f"""
        select cast(max(opened_on) as date), count(firings.fired_on), max(firings.fired_on)
        from memory.cases
        left join intermediate.int_activity__tickets as tickets
            on cases.account_id = tickets.account_id and tickets.topic = 'pricing'
        left join intermediate.int_scoring__rule_firings as firings
            on cases.account_id = firings.account_id
            and firings.rule_id = 'pricing_then_question'
            and (firings.scorecard_id, firings.scorecard_version) = ('small_business', 2)
        where cases.case_name = '{case}'
    """)
    ((asked_on, fired, fired_on),) = found
    assert fired == firings
    assert fired_on == (asked_on if firings else None)


def test_a_review_that_was_loaded_twice_counts_once(query: Query) -> None:
    loaded = query("""
        select count(*) from memory.advocacy
        where advocacy_event_id like '%planted' and kind = 'review' and polarity = 'negative'
    """)
    assert loaded[0][0] > 1
    rows = query("""
        select distinct value, contribution, points_lost
        from marts.health_contributions
        inner join memory.cases using (account_id)
        where rule_id = 'negative_review' and case_name = 'negative_review'
            and as_of_date >= (select max(as_of_date) - 29 from marts.account_health_daily)
            and contribution is not null
    """)
    assert rows == [(1, Decimal("-12.0000"), Decimal("12.0000"))]


def test_a_version_decides_the_direction(query: Query) -> None:
    """The rule gives points to the live version and takes them from the shadow."""
    signs = query("""
        select status, min(sign(contribution)), max(sign(contribution))
        from intermediate.int_scoring__contributions
        where rule_id = 'pricing_then_question' and contribution is not null
        group by status order by status
    """)
    assert signs == [("live", 1, 1), ("shadow", -1, -1)]


def test_a_score_without_enough_data_gets_no_points(query: Query) -> None:
    found = query("""
        select daily.health_score is null, count(contributions.contribution), count(*)
        from marts.health_contributions as contributions
        inner join marts.account_health_daily as daily using (account_id, as_of_date)
        where contribution_kind = 'point_rule'
        group by 1 order by 1
    """)
    assert [is_null for is_null, _, _ in found] == [False, True]
    assert all(given == (0 if is_null else rows) for is_null, given, rows in found)


def test_what_a_rule_takes_is_a_reason(query: Query) -> None:
    reasons = query("""
        select account_id, reason
        from (
            unpivot (select account_id, reason_1, reason_2, reason_3 from marts.account_health)
            on reason_1, reason_2, reason_3 into name place value reason
        )
        where reason like 'Negative review%'
    """)
    assert reasons and {reason for _, reason in reasons} == {"Negative review: costs 12.0 points"}
