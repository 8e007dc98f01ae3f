"""Levels: thresholds that scale with the account, new accounts with a scorecard of their own, products."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from support.worlds import World, built_again


def test_the_larger_school_gets_fewer_points_for_the_same_700_users(
    worlds: Callable[[str], World],
) -> None:
    world = worlds("daily")
    cases = world.raw.parent / "truth" / "planted_cases.parquet"
    with duckdb.connect(str(world.database), read_only=True) as connection:
        rows = connection.execute(f"""
            select cases.case_name, contributions.value, contributions.scale, contributions.points,
                usage.dimension_score, health.segment_id
            from marts.account_health as health
            inner join '{cases}' as cases using (account_id)
            inner join marts.health_contributions as contributions
                on health.account_id = contributions.account_id
                and health.as_of_date = contributions.as_of_date
                and contributions.signal_id = 'active_users_per_student'
            inner join marts.dimension_health_daily as usage
                on health.account_id = usage.account_id
                and health.as_of_date = usage.as_of_date
                and usage.dimension_id = 'usage'
            where cases.case_name in ('school_800', 'school_1000')
            order by contributions.scale
        """).fetchall()
    small, large = rows
    assert small[:3] == ("school_800", 700, 800) and large[:3] == ("school_1000", 700, 1000)
    assert small[5] == large[5] == "education"
    assert small[3] > large[3] > 0
    assert small[4] > large[4]


def test_new_accounts_are_scored_by_their_milestones_and_told_the_missed_one(
    worlds: Callable[[str], World],
) -> None:
    with duckdb.connect(str(worlds("daily").database), read_only=True) as connection:
        scorecards = connection.execute("""
            select lifecycle_stage in ('trial', 'onboarding', 'reactivated'), count(*),
                count(*) filter (where scorecard_id = 'onboarding')
            from marts.account_health_daily
            where as_of_date >= (
                select min(valid_from) from staging.stg_scorecard__segments
                where segment_id = 'new_accounts'
            )
            group by 1 order by 1
        """).fetchall()
        told = connection.execute("""
            with due as (
                select account_id, arg_min(label, position) as missed
                from marts.account_milestones
                where reached_on is null and due_on <= as_of_date
                group by account_id
            )
            select account_id, due.missed, reason_1, reason_2, reason_3
            from marts.account_health
            inner join due using (account_id)
            where scorecard_id = 'onboarding' and band != 'healthy'
        """).fetchall()
    (_, old, old_by_milestones), (_, new, new_by_milestones) = scorecards
    assert old and not old_by_milestones
    assert new and new_by_milestones == new
    assert told
    for account, missed, *reasons in told:
        assert any(f"missed: {missed}, costs" in (reason or "") for reason in reasons), account


def test_an_override_is_explained_by_its_author_and_reason(worlds: Callable[[str], World]) -> None:
    """On its days, and on the rows of its signal."""
    world = worlds("versions")
    with duckdb.connect(str(world.database), read_only=True) as connection:
        told = connection.execute("""
            select signal_id, account_overrides, min(as_of_date), max(as_of_date)
            from marts.health_contributions
            where account_id = 'acc_000003' and account_overrides is not null
            group by all order by all
        """).fetchall()
        wrong = connection.execute("""
            select count(*) from marts.health_contributions
            where (account_overrides is not null) != coalesce(rule_level = 'account', false)
        """).fetchone()
    assert wrong == (0,)
    assert {(signal, words) for signal, words, _, _ in told} == {
        ("active_days", "curve_id days_per_user (tests: why)"),
        ("active_users_per_seat", "scale_factor 0.5 (tests: why)"),
        ("ticket_rate", "weight 60 (tests: why)"),
    }
    assert min(row[2] for row in told) >= date(2026, 2, 10)
    assert max(row[3] for row in told) <= date(2026, 5, 20)


def same_use_other_key_features(raw: Path) -> None:
    """Give insights the catalogue and every event of workspace, and make its key features the other ones."""
    events, features = (
        f"(select * from '{raw}/{table}.parquet')" for table in ("usage_events", "product_features")
    )
    for table, query in (
        (
            "usage_events",
            f"select * from {events} where product_id = 'workspace' union all by name"
            " select * replace ('insights' as product_id, event_id || '_again' as event_id)"
            f" from {events} where product_id = 'workspace'",
        ),
        (
            "product_features",
            f"select * from {features} where product_id = 'workspace' union all by name"
            " select * replace ('insights' as product_id, not is_key_feature as is_key_feature)"
            f" from {features} where product_id = 'workspace'",
        ),
    ):
        with duckdb.connect() as connection:
            connection.execute(f"copy ({query}) to '{raw}/{table}.kept' (format parquet)")
        (raw / f"{table}.kept").replace(raw / f"{table}.parquet")


def test_products_of_other_key_features_score_differently_from_the_same_events(
    worlds: Callable[[str], World], tmp_path: Path
) -> None:
    world, raw = worlds("daily"), tmp_path / "raw"
    shutil.copytree(world.raw, raw)
    same_use_other_key_features(raw)
    database = built_again(world, tmp_path, "+product_health_daily", raw=raw)
    with duckdb.connect(str(database), read_only=True) as connection:
        signals = connection.execute("""
            select signal_id, count(*), count(*) filter (where one.points != other.points)
            from marts.health_contributions as one
            inner join marts.health_contributions as other
                using (account_id, as_of_date, signal_id)
            where one.product_id = 'workspace' and other.product_id = 'insights'
                and one.state = 'observed' and other.state = 'observed'
            group by signal_id
        """).fetchall()
        products = connection.execute("""
            select count(*), count(*) filter (where one.product_score != other.product_score)
            from marts.product_health_daily as one
            inner join marts.product_health_daily as other using (account_id, as_of_date)
            where one.product_id = 'workspace' and other.product_id = 'insights'
                and one.product_score is not null and other.product_score is not null
        """).fetchone()
    compared = {signal: (rows, unlike) for signal, rows, unlike in signals}
    assert compared["adopted_features"][0] > 20 and compared["adopted_features"][1] == 0
    rows, unlike = compared["key_feature_adoption"]
    assert unlike > rows / 2
    assert products[1] > products[0] / 2
