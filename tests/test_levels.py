"""Thresholds that scale with the account: two planted schools of unlike size with the same use."""

from collections.abc import Callable

import duckdb

from support.worlds import World


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
