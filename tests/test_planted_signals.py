"""Every account that is planted for a signal shows it on the last day, and no more than that."""

from collections.abc import Callable

import duckdb
import pytest

from support.worlds import World

Shown = dict[tuple[str, str], tuple[str, str | None, float | None]]


@pytest.fixture(scope="module")
def shown(worlds: Callable[[str], World]) -> Shown:
    """State, reason and value by case and signal."""
    world = worlds("every signal")
    cases = world.raw.parent / "truth" / "planted_cases.parquet"
    with duckdb.connect(str(world.database), read_only=True) as connection:
        rows = connection.execute(f"""
            select case_name, signal_id, state, state_reason, value
            from intermediate.int_signals__daily
            inner join '{cases}' using (account_id)
            where as_of_date = (select max(as_of_date) from intermediate.int_signals__daily)
        """).fetchall()
    return {row[:2]: row[2:] for row in rows}


@pytest.mark.parametrize(
    "case, signal, value",
    [
        ("steady_use", "time_in_product", 400),
        ("burst_use", "time_in_product", 400),
        ("steady_use", "usage_consistency", 400),
        ("burst_use", "usage_consistency", 30),
        # Flat use is no sign of life, and neither are tickets that nobody opens.
        ("silent", "signs_of_life", 0),
        ("silent", "usage_change", 1),
        ("sponsor_left", "sponsor_left", 1),
        ("sponsor_left", "sponsor_gone", 1),
        ("repeat_topic", "repeat_topics", 1),
        # The third ticket is merged into the second, and the account has ten seats.
        ("repeat_topic", "ticket_rate", 2),
        ("voided_invoice", "overdue_age", 0),
        ("voided_invoice", "days_late", 0),
        ("notice_given", "renewal_notice", 1),
        ("notice_given", "churn_notice", 1),
        ("red_pulse", "pulse", 0),
    ],
)
def test_the_case_has_the_value(shown: Shown, case: str, signal: str, value: float) -> None:
    assert shown[case, signal] == ("observed", None, value)


@pytest.mark.parametrize(
    "case, signal, state, reason",
    [
        ("silent", "meetings", "missing", "not_known"),
        ("silent", "ticket_rate", "missing", "not_known"),
        # Without a sponsor on record nothing is assumed of one.
        ("sponsor_left", "sponsor_recency", "missing", "nothing_to_measure"),
        ("expired_red_pulse", "pulse", "expired", "stale"),
        ("fresh", "active_days", "in_grace", "too_young"),
        ("seats_unknown", "active_users_per_seat", "missing", "no_scale"),
        ("zero_seats", "active_users_per_seat", "missing", "no_scale"),
    ],
)
def test_the_case_has_no_value_and_says_why(
    shown: Shown, case: str, signal: str, state: str, reason: str
) -> None:
    assert shown[case, signal] == (state, reason, None)


def test_an_invoice_that_is_open_is_as_late_as_it_is_old(shown: Shown) -> None:
    assert shown["overdue_invoice", "overdue_age"][2] > 60
    assert shown["overdue_invoice", "days_late"][2] > 10


@pytest.mark.parametrize("signal", ["time_decline", "consistency_decline", "sudden_decline"])
def test_a_sudden_fall_shows_and_a_slow_one_of_the_same_size_hardly(shown: Shown, signal: str) -> None:
    assert shown["sudden_decline", signal][2] < 0.25
    assert shown["slow_drift", signal][2] > 0.6


def test_an_account_of_which_nothing_is_known_has_no_value_of_its_own(shown: Shown) -> None:
    """What is observed of it comes from its contract, or from what the company knows of everybody."""
    observed = {
        signal for (case, signal), (state, _, _) in shown.items()
        if case == "no_data" and state == "observed"
    }  # fmt: skip
    assert observed <= {
        "advocacy", "referrals", "trainings_per_seat", "auto_renew_share", "renewal_notice",
        "revenue_change", "churn_notice",
    }  # fmt: skip
