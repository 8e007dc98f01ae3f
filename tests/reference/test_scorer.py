"""The reference scorer against tiny worlds whose every number is worked out by hand beside it.

The worlds count days from 2024-01-01, which is day 1; the account a1 pays from day 1 unless told
otherwise.
"""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from .measures import surviving_tickets
from .plain import rounded, window
from .scorecards import band_of
from .scorer import read_seeds, score, score_rows
from .staging import TABLES

pytestmark = pytest.mark.quick

PROJECT = Path(__file__).resolve().parents[2]
IDS = itertools.count(1)


def day(number: int) -> date:
    return date(2024, 1, 1) + timedelta(days=number - 1)


def at(number: int, hour: int = 12) -> datetime:
    return datetime.combine(day(number), datetime.min.time()) + timedelta(hours=hour)


# --- raw rows -----------------------------------------------------------------------------------


def account(account_id="a1", valid_from=None, **columns):
    return {"account_id": account_id, "valid_from": valid_from, **columns}


def subscription(first=1, last=None, account_id="a1", **columns):
    row = {
        "subscription_id": f"s{next(IDS)}",
        "account_id": account_id,
        "starts_on": day(first),
        "ends_on": None if last is None else day(last),
        "seats": 10,
        "monthly_recurring_revenue": Decimal("100.00"),
    }
    return {**row, **columns}


def event(number, user_id="u1", account_id="a1", **columns):
    row = {
        "event_id": f"e{next(IDS)}",
        "account_id": account_id,
        "user_id": user_id,
        "occurred_at": at(number),
    }
    return {**row, **columns}


def ticket(number, account_id="a1", **columns):
    row = {"ticket_id": f"t{next(IDS)}", "account_id": account_id, "opened_at": at(number)}
    return {**row, **columns}


def ticket_event(number, ticket_id, status):
    return {
        "ticket_event_id": f"te{next(IDS)}",
        "ticket_id": ticket_id,
        "status": status,
        "occurred_at": at(number),
    }


def answer(number, score, kind="csat", account_id="a1", **columns):
    row = {
        "response_id": f"r{next(IDS)}",
        "account_id": account_id,
        "kind": kind,
        "score": None if score is None else Decimal(score),
        "responded_at": at(number),
    }
    return {**row, **columns}


def invoice(invoice_id, issued, due, amount="100.00", account_id="a1"):
    return {
        "invoice_id": invoice_id,
        "account_id": account_id,
        "issued_on": day(issued),
        "due_on": day(due),
        "amount": Decimal(amount),
    }


def payment(invoice_id, number, amount="100.00", kind="payment", status=None):
    return {
        "payment_id": f"p{next(IDS)}",
        "invoice_id": invoice_id,
        "kind": kind,
        "status": status,
        "occurred_on": day(number),
        "amount": Decimal(amount),
    }


def feature(product_id, feature_key, is_key=False):
    return {"product_id": product_id, "feature_key": feature_key, "is_key_feature": is_key}


def entitlement(product_id, first=1, last=None, account_id="a1"):
    return {
        "entitlement_id": f"n{next(IDS)}",
        "account_id": account_id,
        "product_id": product_id,
        "starts_on": day(first),
        "ends_on": None if last is None else day(last),
    }


def rest_day(number, region="all", name="rest"):
    return {"region": region, "calendar_date": day(number), "kind": "holiday", "name": name}


def world(**tables):
    """One account with one open subscription, plus the tables given."""
    return {
        "accounts": [account()],
        "subscriptions": [subscription()],
        "usage_events": [],
        **tables,
    }


# --- seed rows ----------------------------------------------------------------------------------


def signal(signal_id, numerator, days=7, **columns):
    """A registry row; without more, an account signal on usage events that needs no history."""
    row = {
        "signal_id": signal_id,
        "family": "usage",
        "grain": "account",
        "calculation": "ratio",
        "numerator": numerator,
        "numerator_window_days": days,
        "denominator": "none",
        "denominator_window_days": 0,
        "denominator_offset_days": 0,
        "multiplier": 1,
        "zero_denominator": "missing",
        "scale": "none",
        "sources": "usage_events",
        "known_by": "account",
        "min_history_days": 0,
        "fresh_days": 0,
        "stale_after_days": 0,
        "rest_days_to_suppress": 0,
        "min_count": 0,
    }
    return {name: str(value) for name, value in {**row, **columns}.items()}


def rule(signal_id, weight=100, dimension_id="usage", curve_id="line", of=("base", 1)):
    return {
        "scorecard_id": of[0],
        "scorecard_version": str(of[1]),
        "dimension_id": dimension_id,
        "signal_id": signal_id,
        "weight": str(weight),
        "curve_id": curve_id,
    }


def dimension(dimension_id="usage", weight=100, of=("base", 1)):
    return {
        "scorecard_id": of[0],
        "scorecard_version": str(of[1]),
        "dimension_id": dimension_id,
        "weight": str(weight),
    }


def version(of=("base", 1), **columns):
    row = {
        "scorecard_id": of[0],
        "scorecard_version": of[1],
        "valid_from": "1900-01-01",
        "status": "live",
        "extends_scorecard_id": "none",
        "extends_version": 0,
        "min_coverage": 0,
        "min_dimension_coverage": 0,
        "min_dimensions": 1,
    }
    return {name: str(value) for name, value in {**row, **columns}.items()}


def segment(segment_id, priority, attribute="any", operator="is", value="any", **columns):
    row = {
        "segment_id": segment_id,
        "priority": str(priority),
        "attribute": attribute,
        "operator": operator,
        "value": value,
        "scorecard_id": "base",
        "valid_from": "1900-01-01",
        "valid_to": "9999-12-31",
    }
    return {**row, **columns}


def curve(curve_id, *points):
    return [{"curve_id": curve_id, "x": str(x), "points": str(p)} for x, p in points]


def override(
    signal_id, field, value, valid_from="1900-01-01", valid_to="9999-12-31", account_id="a1"
):
    return {
        "override_id": f"o{next(IDS)}",
        "account_id": account_id,
        "signal_id": signal_id,
        "field": field,
        "value": str(value),
        "valid_from": valid_from,
        "valid_to": valid_to,
    }


def source(
    source_id,
    late_after_days=9999,
    late_after_rows=1,
    max_late_share=1,
    rate_window_days=91,
    usual_gap_share="0.9",
    gap_tolerance="1.25",
):
    return {
        "source_id": source_id,
        "table_name": source_id.split(".")[0],
        "late_after_days": str(late_after_days),
        "late_after_rows": str(late_after_rows),
        "rate_window_days": str(rate_window_days),
        "max_late_share": str(max_late_share),
        "usual_gap_share": str(usual_gap_share),
        "gap_tolerance": str(gap_tolerance),
    }


def seeds(signals, rules=None, **others):
    """One scorecard `base` version 1 that scores every account; its curve `line` gives x itself."""
    base = {
        "signals": signals,
        "scorecard_signals": rules or [rule(signals[0]["signal_id"])],
        "scorecards": [version()],
        "dimensions": [dimension()],
        "segments": [segment("everyone", 1000)],
        "curves": curve("line", (0, 0), (100, 100)),
        "bands": [
            {"scorecard_id": "base", "scorecard_version": "1", **band}
            for band in (
                {"band_id": "critical", "lower_bound": "0", "upper_bound": "40"},
                {"band_id": "at_risk", "lower_bound": "40", "upper_bound": "70"},
                {"band_id": "healthy", "lower_bound": "70", "upper_bound": "100"},
            )
        ],
        "account_overrides": [],
        "point_rules": [],
        "product_weights": [],
        "milestones": [],
        "point_rule_steps": [],
        "risk_caps": [],
        "pulse_levels": [
            {"value": value, "level": level}
            for value, level in (("red", "0"), ("yellow", "1"), ("green", "2"))
        ],
        "lifecycle": [
            {"setting": "reactivation_gap_days", "value": "30"},
            {"setting": "onboarding_days", "value": "90"},
            {"setting": "reactivated_days", "value": "90"},
            {"setting": "renewal_window_days", "value": "90"},
            {"setting": "seat_average_days", "value": "28"},
        ],
        "sources": [
            source(name)
            for name in (
                "usage_events",
                "usage_events.user_id",
                "support_tickets",
                "ticket_events",
                "survey_responses",
                "survey_responses.nps",
                "survey_responses.sent_at",
                "touchpoints",
                "users",
                "users.is_executive_sponsor",
                "advocacy_events",
                "invoices",
                "payments",
                "subscriptions",
                "subscriptions.notice_given_on",
                "product_features",
                "pulses",
            )
        ],
        "adoption": [
            {"product_id": "any", "min_uses": "5", "min_users": "2", "steady_minutes": "30"}
        ],
        "survey_groups": [
            {"kind": "nps", "group_id": "detractor", "lowest_score": "0", "points": "-1"},
            {"kind": "nps", "group_id": "passive", "lowest_score": "7", "points": "0"},
            {"kind": "nps", "group_id": "promoter", "lowest_score": "9", "points": "1"},
        ],
        "ticket_severities": [
            {"severity": "low", "is_severe": "false"},
            {"severity": "high", "is_severe": "true"},
        ],
    }
    return {**base, **others}


def score_on(number, raw, seed_rows, **options):
    """The result with one scored day."""
    return score_rows(raw, seed_rows, as_of_date=day(number), start_date=day(number), **options)


def row_of(result, number, signal_id, product_id="all", dimension_id="usage", account_id="a1"):
    key = (account_id, day(number), "signal", dimension_id, signal_id, product_id, "none")
    return result.contributions[key]


def state_of(number, raw, registered, **options):
    """State and reason of one signal alone in its scorecard."""
    result = score_on(number, raw, seeds([registered]), **options)
    row = row_of(result, number, registered["signal_id"])
    return row.state, row.state_reason


def value_of(number, raw, registered, product_id="all"):
    result = score_on(number, raw, seeds([registered]))
    row = row_of(result, number, registered["signal_id"], product_id)
    assert row.state == "observed", row
    return row.value


# --- days, rounding, bands ----------------------------------------------------------------------


def test_window_and_offset():
    assert window(day(10), 3) == (day(8), day(9), day(10))
    assert window(day(10), 3, 4) == (day(4), day(5), day(6))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Fraction(1, 20000), "0.0001"),  # 0.00005 is half way: away from zero
        (Fraction(-1, 20000), "-0.0001"),
        (Fraction(1, 20001), "0.0000"),
        (Fraction(100, 3), "33.3333"),
        (Fraction(200, 3), "66.6667"),
    ],
)
def test_rounding_is_half_away_from_zero(number, expected):
    assert str(rounded(number, 4)) == expected


def test_bands_include_the_lower_bound_and_the_very_top():
    bands = [("low", Fraction(0), Fraction(40)), ("high", Fraction(40), Fraction(100))]
    assert band_of(bands, Decimal("39.9999")) == "low"
    assert band_of(bands, Decimal("40.0000")) == "high"
    assert band_of(bands, Decimal("100.0000")) == "high"
    assert band_of(bands, Decimal("0.0000")) == "low"


def test_last_complete_day_lies_before_the_clock():
    events = [
        event(5),
        event(7),
        event(9, loaded_at=at(10)),  # clock: day 10, the latest load
        event(30, loaded_at=at(9)),  # dated after its own load: does not count
        event(31, event_id=None),  # no key: does not count
        event(31, account_id=None),
        event(31, occurred_at=None, loaded_at=at(31)),
    ]
    result = score_rows(world(usage_events=events), seeds([signal("s", "events")]))
    assert result.clock.day == day(10)
    assert result.clock.last_complete_day == day(9)
    # Scored days run from the first event, day 5, to day 9.
    assert sorted(when for _, when in result.scores) == [day(n) for n in range(5, 10)]


def test_day_of_the_clock_itself_is_not_complete():
    result = score_rows(world(usage_events=[event(5), event(7)]), seeds([signal("s", "events")]))
    assert result.clock.last_complete_day == day(5)


def test_weekly_cadence_scores_sundays():
    # 2024-01-01 is a Monday, so days 7 and 14 are Sundays; day 15 is the clock's.
    raw = world(usage_events=[event(1), event(14), event(15)])
    result = score_rows(raw, seeds([signal("s", "events")]), cadence="week")
    assert sorted(when for _, when in result.scores) == [day(7), day(14)]


# --- staging ------------------------------------------------------------------------------------


def test_contract_here_equals_the_sources_files():
    yaml = pytest.importorskip("yaml")
    tables = {}
    for path in sorted((PROJECT / "models" / "staging").glob("*/_*__sources.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            for table in entry["tables"]:
                tables[table["name"]] = table
    assert set(tables) == set(TABLES)
    for name, table in tables.items():
        rules = TABLES[name]
        assert tuple(column["name"] for column in table["columns"]) == rules.columns, name
        required = {
            column["name"]
            for column in table["columns"]
            if column.get("config", {}).get("meta", {}).get("required")
        }
        checked = {*rules.key, *rules.required, *rules.date}
        if rules.account is not None:
            checked.add(rules.account)
        assert required <= checked, name


def test_every_reject_reason_once_and_every_row_in_one_place():
    events = [
        event(1, event_id=None),
        event(1, event_id=""),
        event(1, occurred_at=None),
        event(9, loaded_at=at(8)),
        event(1, account_id="nobody"),
        event(1, account_id=None),
        event(1, quantity=-1),
        event(1, duration_seconds=-1),
        event(1, event_id="twice", loaded_at=at(1)),
        event(1, event_id="twice", loaded_at=at(2), quantity=5),
        event(1, event_id="twice", loaded_at=None),
        event(3, loaded_at=at(3, hour=1)),  # later the same day as its load: fine
    ]
    counts = score_rows(world(usage_events=events), seeds([signal("s", "events")])).staging
    assert counts["usage_events"].raw == 12
    assert counts["usage_events"].rejected == {
        "missing_key": 2,
        "missing_date": 1,
        "future_date": 1,
        "unknown_account": 2,
        "negative_amount": 2,
    }
    assert counts["usage_events"].duplicates == 1
    assert counts["usage_events"].conflicts == 1
    assert counts["usage_events"].staged == 2


def test_first_reason_wins_and_rejects_are_no_duplicates():
    # Without a load time the clock's day (day 5, the good event) is the limit.
    events = [
        event(5, event_id="good"),
        event(5, event_id="good", quantity=-1),  # rejected, so not a duplicate of the good one
    ]
    tickets = [
        ticket(6, account_id="nobody"),  # future before unknown account
        ticket(5, account_id="nobody", kind="poem"),  # unknown account before invalid value
        ticket(5, kind=" How_To "),  # case and outer blanks do not count
        ticket(5, kind="poem"),
        ticket(5, kind=None),
    ]
    counts = score_rows(
        world(usage_events=events, support_tickets=tickets), seeds([signal("s", "events")])
    ).staging
    assert counts["usage_events"].rejected == {"negative_amount": 1}
    assert counts["usage_events"].duplicates == 0
    assert counts["support_tickets"].rejected == {
        "future_date": 1,
        "unknown_account": 1,
        "invalid_value": 1,
    }
    assert counts["support_tickets"].staged == 2


def test_rows_that_hang_on_a_parent_need_it_staged():
    raw = world(
        usage_events=[event(20)],
        support_tickets=[ticket(1, ticket_id="t"), ticket(1, ticket_id="lost", account_id="x")],
        ticket_events=[
            ticket_event(2, "t", "resolved"),
            ticket_event(2, "lost", "resolved"),
            ticket_event(2, "t", "evaporated"),
        ],
        invoices=[invoice("i", 1, 5), {**invoice("undue", 1, 5), "due_on": None}],
        payments=[payment("i", 4), payment("undue", 4), payment("i", 4, amount="-1")],
    )
    counts = score_rows(raw, seeds([signal("s", "events")])).staging
    assert counts["ticket_events"].rejected == {"unknown_account": 1, "invalid_value": 1}
    assert counts["invoices"].rejected == {"invalid_value": 1}
    assert counts["payments"].rejected == {"unknown_account": 1, "negative_amount": 1}


def test_invalid_values():
    raw = world(
        usage_events=[event(20)],
        subscriptions=[
            subscription(),
            subscription(first=5, last=4),
            subscription(first=5, last=5),
            subscription(first=400),  # may speak of the future
            subscription(seats=-1),
            {**subscription(), "starts_on": None},  # part of the key
        ],
        survey_responses=[
            answer(2, 5),
            answer(2, 6),
            answer(2, 10, kind="nps"),
            answer(2, 11, kind="nps"),
            answer(2, 0, kind="ces"),
            answer(2, 3, kind=None),
            answer(2, None),
            answer(2, 3, responded_at=None, sent_at=at(2)),
            answer(2, 3, responded_at=None),
        ],
        calendar_days=[
            rest_day(300),
            rest_day(300, name="twice"),
            rest_day(4, name=None),
            {**rest_day(3), "kind": "party"},
        ],
        support_tickets=[
            ticket(2, sentiment=Decimal("-1.0000")),
            ticket(2, sentiment=Decimal("1.0001")),
        ],
        exchange_rates=[
            {"currency": "EUR", "valid_from": day(1), "rate_to_base": Decimal(rate)}
            for rate in ("1.1", "0", "-1")
        ],
        pulses=[
            {
                "pulse_id": f"p{expires}{reason}",
                "account_id": "a1",
                "author_id": "csm",
                "value": " RED",
                "reason": reason,
                "set_at": at(5),
                "expires_at": at(expires),
            }
            for expires, reason in ((5, "why"), (4, "why"), (6, ""))
        ],
    )
    counts = score_rows(raw, seeds([signal("s", "events")])).staging
    assert counts["subscriptions"].rejected == {
        "invalid_value": 1,
        "negative_amount": 1,
        "missing_key": 1,
    }
    assert counts["subscriptions"].staged == 3
    assert counts["survey_responses"].rejected == {"invalid_value": 4, "missing_date": 1}
    assert counts["survey_responses"].staged == 4
    assert counts["calendar_days"].rejected == {"invalid_value": 1}
    assert (counts["calendar_days"].staged, counts["calendar_days"].duplicates) == (3, 0)
    assert counts["support_tickets"].rejected == {"invalid_value": 1}
    assert counts["exchange_rates"].rejected == {"invalid_value": 1, "negative_amount": 1}
    assert counts["pulses"].rejected == {"invalid_value": 2}


def seats_of_one_key(*rows):
    """Duplicates, conflicts and the seats of rows (seats, day of load) of one subscription."""
    first = subscription(subscription_id="s")
    raw = world(
        usage_events=[event(20)],
        subscriptions=[
            {**first, "seats": seats, "loaded_at": load and at(load)} for seats, load in rows
        ],
    )
    result = score_on(10, raw, seeds([signal("s", "events")]))
    counts = result.staging["subscriptions"]
    assert counts.raw == counts.staged + counts.duplicates + counts.conflicts
    return counts.duplicates, counts.conflicts, result.scores["a1", day(10)].seats


def test_of_rows_of_one_key_the_last_load_counts():
    assert seats_of_one_key((9, 1), (10, 2)) == (0, 1, 10)
    assert seats_of_one_key((10, 1), (9, 2), (9, 1)) == (1, 1, 9)


def test_what_no_load_decides_is_not_known():
    assert seats_of_one_key((9, 2), (10, 2)) == (0, 1, None)
    assert seats_of_one_key((9, None), (10, 2)) == (0, 1, None)
    assert seats_of_one_key((9, None), (10, None), (9, None)) == (1, 1, None)
    assert seats_of_one_key((9, 2), (None, 2)) == (0, 1, None)
    assert seats_of_one_key((9, None), (9, 2)) == (1, 0, 9)


def test_blanks_around_a_text_do_not_count_and_an_empty_text_is_null():
    raw = world(
        usage_events=[
            event(1, event_id=" e "),
            event(1, event_id="e"),
            event(1, event_id="  "),
            event(1, account_id=" "),
            event(1, user_id="", account_id=" a1 "),
        ]
    )
    result = score_on(1, raw, seeds([signal("s", "active_users", 1)]))
    counts = result.staging["usage_events"]
    assert counts.rejected == {"missing_key": 1, "unknown_account": 1}
    assert (counts.staged, counts.duplicates) == (2, 1)
    assert row_of(result, 1, "s").value == 1


# --- accounts as of a date ----------------------------------------------------------------------


def stage_on(number, **tables):
    result = score_on(number, world(**tables), seeds([signal("s", "events")]))
    found = result.scores.get(("a1", day(number)))
    return None if found is None else found.lifecycle_stage


def test_an_account_has_rows_on_its_paid_days_only():
    raw = world(
        accounts=[account(), account("a2")],
        subscriptions=[subscription(5, 6), subscription(8, 8)],
        usage_events=[event(1), event(12)],
    )
    card = seeds([signal("s", "events")])
    result = score_rows(raw, card, start_date=day(1), as_of_date=day(12))
    assert sorted(result.scores) == [("a1", day(5)), ("a1", day(6)), ("a1", day(8))]


def test_a_gap_of_more_than_the_limit_starts_a_new_spell():
    # Last paid day 100. Days 101 to 130 are a gap of 30: same spell, age 131 on day 131.
    short = [subscription(1, 100), subscription(131)]
    assert stage_on(131, subscriptions=short) == "adopted"
    # Days 101 to 131 are a gap of 31: second spell, reactivated for 90 days (132 to 221).
    long = [subscription(1, 100), subscription(132)]
    assert stage_on(132, subscriptions=long) == "reactivated"
    assert stage_on(221, subscriptions=long) == "reactivated"
    assert stage_on(222, subscriptions=long) == "adopted"
    assert stage_on(110, subscriptions=long) is None


def test_lifecycle_stages_in_their_order():
    assert stage_on(90) == "onboarding"
    assert stage_on(91) == "adopted"
    # Renewal on day 281 is 90 days after day 191.
    assert stage_on(191, subscriptions=[subscription(renewal_date=day(281))]) == "renewal"
    assert stage_on(190, subscriptions=[subscription(renewal_date=day(281))]) == "adopted"
    assert stage_on(5, subscriptions=[subscription(is_trial=True)]) == "trial"
    assert stage_on(5, subscriptions=[subscription(is_trial=True), subscription()]) == "onboarding"
    notice = [subscription(is_trial=True, notice_given_on=day(6))]
    assert stage_on(6, subscriptions=notice) == "notice_given"
    assert stage_on(5, subscriptions=notice) == "trial"
    assert stage_on(5, accounts=[account(lifecycle_stage=" Churned")]) == "churned"
    assert stage_on(5, accounts=[account(lifecycle_stage="Paused")]) == "onboarding"


def test_notice_from_churn_events_counts_to_its_end():
    churn = {
        "churn_event_id": "c",
        "account_id": "a1",
        "notice_given_on": day(100),
        "ends_on": day(120),
    }
    late = [event(300)]
    for number, expected in ((99, "adopted"), (100, "notice_given"), (120, "notice_given")):
        assert stage_on(number, churn_events=[churn], usage_events=late) == expected
    assert stage_on(121, churn_events=[churn], usage_events=late) == "adopted"
    endless = {**churn, "ends_on": None}
    assert stage_on(110, churn_events=[endless], usage_events=late) == "adopted"


def test_seats_revenue_and_renewal_are_sums_over_the_covering_periods():
    raw = world(
        subscriptions=[
            subscription(1, 50, seats=10, currency="EUR", renewal_date=day(51)),
            subscription(1, 50, seats=None, currency=" eur ", renewal_date=day(40)),
            subscription(20, 20, seats=5, currency=None, monthly_recurring_revenue=Decimal("7.00")),
            subscription(60, 70, seats=None, monthly_recurring_revenue=None),
            subscription(80, 90, seats=0, currency="XXX", monthly_recurring_revenue=Decimal(0)),
        ],
        exchange_rates=[
            {"currency": "EUR", "valid_from": day(9), "rate_to_base": Decimal("2")},
            # The earliest rate holds for ever: 100 * 1.23456 = 123.456, in cents 123.46.
            {"currency": "EUR", "valid_from": day(3), "rate_to_base": Decimal("1.23456")},
        ],
    )
    card = seeds([signal("s", "events")])
    found = score_on(20, raw, card).scores["a1", day(20)]
    # 2 * 123.46, and 7.00 without a currency, which is in the only one there is: 8.64.
    assert (found.seats, found.recurring_revenue) == (15, Decimal("255.56"))
    assert found.renewal_date == day(40)
    assert score_on(41, raw, card).scores["a1", day(41)].renewal_date == day(51)
    unknown = score_on(60, raw, card).scores["a1", day(60)]
    assert (unknown.seats, unknown.recurring_revenue, unknown.renewal_date) == (None, None, None)
    nothing = score_on(80, raw, card).scores["a1", day(80)]
    assert (nothing.seats, nothing.recurring_revenue) == (0, Decimal(0))
    # Source off: the only currency needs no rate.
    off = score_on(20, {k: v for k, v in raw.items() if k != "exchange_rates"}, card)
    assert off.scores["a1", day(20)].recurring_revenue == Decimal("207.00")


@pytest.mark.parametrize(
    ("rates", "base_currency", "revenues"),
    [
        ({}, None, (None, None, None, None, None)),
        ({"EUR": "2"}, None, (None, 200, None, None, None)),
        ({"EUR": "2"}, " usd ", (100, 200, None, None, 300)),
        ({"EUR": "2", "USD": "3"}, "USD", (300, 200, None, None, 500)),
    ],
)
def test_amounts_in_several_currencies_are_known_where_they_can_be_compared(
    rates, base_currency, revenues
):
    """A sum of which one price cannot be compared is not known; one that has no price is."""
    prices = {
        "usd": ["USD"], "eur": ["EUR"], "none": [None], "partly": ["USD", None], "both": ["USD", "EUR"],
    }  # fmt: skip
    raw = world(
        accounts=[account(name) for name in prices],
        subscriptions=[
            subscription(account_id=name, currency=currency)
            for name, currencies in prices.items()
            for currency in currencies
        ]
        + [subscription(account_id="usd", currency="USD", monthly_recurring_revenue=None)],
        usage_events=[event(99, account_id="usd")],
        exchange_rates=[
            {"currency": currency, "valid_from": day(1), "rate_to_base": Decimal(rate)}
            for currency, rate in rates.items()
        ],
    )
    result = score_on(9, raw, seeds([signal("s", "events")]), base_currency=base_currency)
    assert tuple(result.scores[name, day(9)].recurring_revenue for name in prices) == revenues


def test_segments_by_priority_with_attributes_as_of_the_date():
    segments = [
        segment("everyone", 1000),
        segment("schools", 10, "industry", "in", "Education|edtech"),
        segment("schools", 10, "students", "at_least", "100"),
        segment("small", 30, "seats", "below", "20", valid_to=day(20).isoformat()),
        segment("big", 20, "plan", "is", " ENTERPRISE"),
    ]
    card = seeds([signal("s", "events")], segments=segments)

    def segment_on(number, *history, seats=10):
        raw = world(accounts=list(history), subscriptions=[subscription(seats=seats)])
        return score_on(number, raw, card).scores["a1", day(number)].segment_id

    school = account(industry="EdTech", students=100, plan="enterprise")
    assert segment_on(5, school) == "schools"
    assert segment_on(5, {**school, "students": 99}) == "big"
    assert segment_on(5, {**school, "students": None}) == "big"
    assert segment_on(5, account(plan="team")) == "small"
    assert segment_on(5, account(plan="team"), seats=20) == "everyone"
    assert segment_on(5, account(plan="team"), seats=None) == "everyone"
    assert segment_on(20, account()) == "small"
    assert segment_on(21, account()) == "everyone"
    history = (
        account(valid_from=day(8), plan="enterprise"),
        account(valid_from=day(4), plan="team"),
    )
    assert segment_on(2, *history) == "small"  # before the earliest row, the earliest
    assert segment_on(7, *history) == "small"
    assert segment_on(8, *history) == "big"


# --- measures -----------------------------------------------------------------------------------


def test_usage_measures_leave_internal_users_out():
    raw = world(
        users=[{"user_id": "staff", "account_id": "a1", "is_internal": True}],
        usage_events=[
            event(1),  # lets the source cover the windows
            event(3, "u1"),  # before the window of days 4 to 10
            event(4, "u1"),
            event(4, "u1"),
            event(5, "u1"),
            event(5, "u2"),
            event(6, None),
            event(7, "staff"),
            event(10, "u2"),
            event(11, "u3"),
        ],
    )
    # Days 4 to 10: events 4, 4, 5, 5, 6, 10.
    assert value_of(10, raw, signal("s", "events")) == 6
    assert value_of(10, raw, signal("s", "active_days")) == 4  # 4, 5, 6, 10
    assert value_of(10, raw, signal("s", "active_users")) == 2
    assert value_of(10, raw, signal("s", "user_days")) == 4  # u1: 4, 5; u2: 5, 10


def test_value_is_numerator_times_multiplier_over_denominator_in_its_own_window():
    raw = world(usage_events=[event(1), event(2), event(3), event(3), event(8), event(10)])
    registered = signal(
        "s",
        "events",
        3,
        denominator="events",
        denominator_window_days=4,
        denominator_offset_days=3,
        multiplier=4,
    )
    # On day 10: 2 events on days 8 to 10, none on days 4 to 7 (the offset is 3).
    # On day 9: 1 event on days 7 to 9, 2 on days 3 to 6.
    assert state_of(10, raw, registered) == ("missing", "nothing_to_measure")
    assert value_of(9, raw, registered) == 2  # 1 * 4 / 2


def test_features_are_those_of_the_products_catalogue():
    raw = world(
        subscriptions=[subscription(product_id="p")],
        product_features=[feature("p", "a", True), feature("p", "b"), feature("q", "c", True)],
        usage_events=[
            event(1, product_id="p", feature_key="a"),
            event(4, product_id="p", feature_key="b"),
            event(5, product_id="p", feature_key="b"),
            event(6, product_id="p", feature_key="c"),  # not in the catalogue of p
            event(7, product_id="q", feature_key="a"),
            event(8, product_id="p", feature_key=None),
        ],
    )
    product = {"grain": "product", "sources": "usage_events|product_features"}
    available = {"denominator": "features_available", "denominator_window_days": 1}
    key_available = {"denominator": "key_features_available", "denominator_window_days": 1}
    used = signal("s", "features_used", 7, **product, **available)
    assert value_of(10, raw, used, "p") == Fraction(1, 2)
    assert value_of(7, raw, used, "p") == 1
    keys = signal("s", "key_features_used", 7, **product, **key_available)
    assert value_of(10, raw, keys, "p") == 0
    assert value_of(7, raw, keys, "p") == 1


def test_ticket_measures_leave_merged_duplicates_out():
    raw = world(
        usage_events=[event(99)],
        support_tickets=[
            ticket(1, topic="x"),
            ticket(4, topic="x", severity=" HIGH", ticket_id="t1"),
            ticket(5, topic="x", severity="low", ticket_id="t2"),
            ticket(6, topic="y", severity="unheard-of"),
            ticket(7, topic="y", merged_into_ticket_id="t1", severity="high", ticket_id="t3"),
            ticket(8),
            ticket(9),
        ],
        ticket_events=[
            ticket_event(1, "t1", "opened"),
            ticket_event(5, "t1", "resolved"),
            ticket_event(6, "t1", "reopened"),
            ticket_event(7, "t1", "resolved"),
            ticket_event(8, "t2", "Resolved "),
            ticket_event(8, "t3", "resolved"),
            ticket_event(8, "t3", "reopened"),
        ],
    )
    desk = {"sources": "support_tickets"}
    assert value_of(10, raw, signal("s", "tickets_opened", 7, **desk)) == 5  # 4, 5, 6, 8, 9
    assert value_of(10, raw, signal("s", "severe_tickets", 7, **desk)) == 1
    assert value_of(10, raw, signal("s", "repeat_topics", 7, **desk)) == 1  # x; y is merged
    assert value_of(11, raw, signal("s", "repeat_topics", 7, **desk)) == 0  # x of day 4 is out
    moves = {"sources": "ticket_events"}
    assert value_of(10, raw, signal("s", "tickets_resolved", 7, **moves)) == 2
    assert value_of(10, raw, signal("s", "tickets_reopened", 7, **moves)) == 1


@pytest.mark.parametrize(
    ("scores", "check", "is_other"),
    [
        ([80] + 9 * [1], ("above", "10", "at_least", "0.1", "10"), True),
        ([80] + 9 * [1], ("above", "80", "at_least", "0.1", "10"), False),
        ([80] + 10 * [1], ("above", "10", "at_least", "0.1", "10"), False),
        (9 * [80], ("above", "10", "at_least", "0.1", "10"), False),
        (10 * [1], ("above", "1", "at_most", "0", "10"), True),
        ([2] + 9 * [1], ("above", "1", "at_most", "0", "10"), False),
        ([-1] + 9 * [1], ("below", "0", "at_least", "0.1", "10"), True),
    ],
)
def test_of_a_kind_that_looks_like_another_scale_no_answer_counts(scores, check, is_other):
    names = ("side", "threshold", "operator", "share", "min_rows")
    limits = {"source_id": "survey_responses", "kind": "csat", **dict(zip(names, check))}
    raw = world(
        usage_events=[event(99)],
        survey_responses=[
            *(answer(9, score, kind=" CSAT") for score in scores),
            answer(9, 1, kind="nps"),
        ],
    )
    card = seeds([signal("s", "events")], unit_checks=[limits])
    counts = score_on(10, raw, card).staging["survey_responses"]
    beyond = len([score for score in scores if not 1 <= score <= 5])
    assert counts.rejected.get("invalid_value", 0) == (len(scores) if is_other else beyond)
    assert counts.staged == len(scores) + 1 - counts.rejected.get("invalid_value", 0)


@pytest.mark.parametrize(
    ("merges", "counted"),
    [
        ({"t1": "t2", "t2": "t4", "t4": "t3", "t3": None}, ["t3"]),
        ({"t1": "t1"}, ["t1"]),
        ({"t1": "nowhere"}, ["t1"]),
        ({"t1": "elsewhere"}, ["t1", "elsewhere"]),
        ({"t2": "t1", "t1": "t2"}, ["t1"]),
        ({"t4": "t3", "t3": "t2", "t2": "t4", "t1": "t3"}, ["t2"]),
    ],
)
def test_of_tickets_merged_into_one_another_one_counts(merges, counted):
    tickets = [
        {"account_id": "a", "ticket_id": number, "merged_into_ticket_id": into}
        for number, into in merges.items()
    ]
    if "elsewhere" in counted:
        tickets.append({"account_id": "b", "ticket_id": "elsewhere", "merged_into_ticket_id": None})
    assert [row["ticket_id"] for row in surviving_tickets(tickets)] == counted


def test_csat_is_the_mean_of_the_answers():
    raw = world(
        usage_events=[event(99)],
        survey_responses=[
            answer(1, 1),
            answer(4, 5),
            answer(5, "3.5"),
            answer(6, 10, kind="nps"),
            answer(7, None),
            answer(8, 1, responded_at=None, sent_at=at(8)),  # never answered
        ],
    )
    mean = signal(
        "s",
        "csat_score",
        7,
        denominator="csat_responses",
        denominator_window_days=7,
        sources="survey_responses",
    )
    assert value_of(10, raw, mean) == Fraction("4.25")  # (5 + 3.5) / 2



def person(user_id, created=1, left=None, account_id="a1", **columns):
    return {
        "user_id": user_id,
        "account_id": account_id,
        "created_at": at(created),
        "left_at": None if left is None else at(left),
        **columns,
    }


def contact(number, kind="email", user_id="u1", account_id="a1", **columns):
    return {
        "touchpoint_id": f"c{next(IDS)}",
        "account_id": account_id,
        "user_id": user_id,
        "kind": kind,
        "occurred_at": at(number),
        **columns,
    }


def test_contacts_leave_machines_and_our_own_people_out():
    raw = world(
        usage_events=[event(99)],
        users=[
            person("u1", role=" Admin"),
            person("u2", role="admin"),
            person("boss", role="executive", is_executive_sponsor=True),
            person("us", role="consultant", is_internal=True, is_executive_sponsor=True),
        ],
        touchpoints=[
            contact(1, is_two_way=True),  # before the window
            contact(4, direction="outbound", is_two_way=False),  # no answer
            contact(5, direction="inbound", is_automated=True),  # opened by a machine
            contact(5, "meeting", "us", is_two_way=True, attended=True),
            contact(6, "meeting", "u2"),  # nothing says that nobody came
            contact(6, "meeting", "boss", attended=False),
            contact(7, "webinar", attended=True, is_two_way=False),
            contact(8, "social", None, direction="inbound"),
            contact(9, "email", "boss", direction="outbound", is_two_way=True),
        ],
    )

    def count(measure, number=10, days=7):
        return value_of(number, raw, signal("s", measure, days, sources="touchpoints"))

    assert count("two_way_contacts") == 2  # days 6 and 9
    assert count("two_way_contacts", 7) == 2  # days 1 and 6
    assert count("meetings_held") == 1
    assert (count("invitations"), count("invitations_attended")) == (2, 1)
    assert count("marketing_interactions") == 3  # days 7, 8 and 9
    assert count("engaged_contacts") == 3  # u2, u1, boss; nobody is named on day 8
    assert count("engaged_roles") == 2
    assert count("sponsor_contacts") == 1
    since = signal("s", "two_way_contacts", 15, calculation="recency", sources="touchpoints")
    assert value_of(20, raw, since) == 11


def test_sponsors_leave_and_are_followed():
    raw = world(
        usage_events=[event(99)],
        users=[
            person("first", 1, 5, is_executive_sponsor=True),
            person("second", 8, 12, is_executive_sponsor=True),
            person("third", 11, None, is_executive_sponsor=True),
            person("friend", 1, 6, is_champion=True),
        ],
        touchpoints=[contact(2, "call", "first", is_two_way=True)],
    )

    def people(measure, number, days=1):
        return value_of(number, raw, signal("s", measure, days, sources="users"))

    on_record = [people("sponsors_on_record", number) for number in (4, 5, 7, 8, 11, 12)]
    assert on_record == [1, 0, 0, 1, 2, 1]  # who leaves on a day is gone at its end
    assert [people("sponsors_gone", number) for number in (4, 5, 7, 8, 12)] == [0, 1, 1, 0, 0]
    assert [people("sponsors_left", number, 3) for number in (4, 5, 7, 8, 12)] == [0, 1, 1, 0, 1]
    assert [people("champions_gone", number) for number in (5, 6, 30)] == [0, 1, 1]
    assert [people("champions_left", number, 5) for number in (5, 6, 10, 11)] == [0, 1, 1, 0]

    recency = signal(
        "s",
        "sponsor_contacts",
        6,
        calculation="recency",
        denominator="sponsors_on_record",
        denominator_window_days=1,
        sources="touchpoints",
    )
    assert value_of(8, raw, recency) == 6
    assert state_of(7, raw, recency) == ("missing", "nothing_to_measure")  # none on record


def told(number, kind="review", polarity="positive"):
    return {
        "advocacy_event_id": f"v{next(IDS)}",
        "account_id": "a1",
        "kind": kind,
        "polarity": polarity,
        "occurred_at": at(number),
    }


def test_only_positive_advocacy_counts():
    raw = world(
        usage_events=[event(99)],
        advocacy_events=[
            told(1),
            told(4, "referral"),
            told(5, "Reference"),
            told(6, polarity="neutral"),
            told(7, "referral", "negative"),
        ],
    )
    heard = {"sources": "advocacy_events"}
    assert value_of(10, raw, signal("s", "advocacy_events", 7, **heard)) == 2
    assert value_of(10, raw, signal("s", "referrals", 7, **heard)) == 1


def test_signs_of_life_are_days_with_contact_tickets_or_something_new():
    raw = world(
        usage_events=[
            event(4, feature_key="old"),  # a new person and a new feature on one day
            event(5, feature_key="old"),
            event(6, feature_key="new"),
            event(7, None),
            event(8, None, feature_key="new", product_id="other"),
            event(99),
        ],
        support_tickets=[ticket(4), ticket(9)],
        touchpoints=[
            contact(9, direction="inbound"),
            contact(10, direction="outbound", is_two_way=False),
        ],
    )
    assert value_of(10, raw, signal("s", "signs_of_life", 7)) == 4  # days 4, 6, 8 and 9
    assert value_of(18, raw, signal("s", "signs_of_life", 7)) == 0


def test_nps_is_of_the_latest_answer_of_each_person():
    raw = world(
        usage_events=[event(99)],
        users=[person("us", is_internal=True)],
        survey_responses=[
            answer(1, 0, "nps", user_id="u9"),  # before the window
            answer(4, 10, "nps", user_id="u1"),
            answer(8, 6, "nps", user_id="u1"),
            answer(5, 9, "nps", user_id="u2"),
            answer(5, "8.5", "nps", user_id="u3"),
            answer(6, 9, "nps"),
            answer(6, 9, "nps"),  # nameless as well: another person
            answer(6, 5, "csat", user_id="u2"),
            answer(7, 9, "nps", user_id="us"),
            answer(7, None, "nps", user_id="u2"),
        ],
    )

    def nps(days):
        return signal(
            "s",
            "nps_points",
            days,
            denominator="nps_responses",
            denominator_window_days=days,
            multiplier=100,
            fresh_days=4,
            stale_after_days=14,
            sources="survey_responses.nps",
        )

    assert value_of(10, raw, nps(7)) == 40  # u1 against, u2 for, u3 neither, two nameless for
    assert value_of(7, raw, nps(7)) == 50  # u9 against, u1 and u2 and two more for, u3 neither
    assert state_of(22, raw, nps(14)) == ("expired", "stale")


def test_an_answer_counts_from_its_day_and_ages_with_the_survey():
    raw = world(
        usage_events=[event(99)],
        survey_responses=[
            answer(6, 4, sent_at=at(1)),
            answer(9, 4, sent_at=at(4)),
            answer(4, 4, responded_at=None, sent_at=at(5)),
            answer(5, 4, sent_at=None),
        ],
    )
    rate = signal(
        "s",
        "surveys_answered",
        7,
        denominator="surveys_sent",
        denominator_window_days=7,
        sources="survey_responses.sent_at",
    )
    assert value_of(8, raw, rate) == 0
    assert value_of(9, raw, rate) == Fraction(1, 2)
    assert value_of(7, raw, rate) == Fraction(1, 3)
    assert value_of(10, raw, rate) == Fraction(1, 2)
    assert value_of(11, raw, rate) == 0


def test_invoices():
    raw = world(
        usage_events=[event(99)],
        invoices=[
            invoice("start", 1, 1),
            invoice("paid", 2, 10),
            invoice("late", 2, 11),
            invoice("open", 2, 12),
            invoice("void", 2, 13),
            invoice("nothing", 2, 13, amount="0.00"),
            invoice("refunded", 2, 14),
            invoice("failed", 2, 15),
            invoice("in parts", 2, 16),
        ],
        payments=[
            payment("start", 1),
            payment("paid", 10),
            payment("late", 12),
            payment("void", 20, amount="40.00", kind="credit_note"),
            payment("void", 21, amount="60.00", kind="credit_note"),
            payment("refunded", 14),
            payment("refunded", 16, kind="refund"),  # re-opens nothing
            payment("paid", 10, kind="refund"),  # nor does one of the same day
            payment("failed", 14, status="failed"),
            # 60 - 20 on day 15, and 60 more on day 16: 100 on the due date.
            payment("in parts", 15, amount="60.00"),
            payment("in parts", 15, amount="20.00", kind="refund"),
            payment("in parts", 16, amount="60.00"),
        ],
    )
    money = {"sources": "invoices|payments"}
    due = signal("s", "invoices_due", 7, **money)
    on_time = signal("s", "invoices_paid_on_time", 7, **money)
    assert value_of(16, raw, due) == 7  # all of days 10 to 16 but the one of amount zero
    assert value_of(16, raw, on_time) == 3  # paid, refunded, in parts
    assert value_of(10, raw, due) == 1
    # Days 13 to 19: void, refunded, failed, in parts; the void leaves on day 21 (days 15 to 21).
    assert value_of(19, raw, due) == 4
    wide = signal("s", "invoices_due", 15, **money)
    assert value_of(20, raw, wide) == 7
    assert value_of(21, raw, wide) == 6
    overdue = signal("s", "overdue_age_days", 1, **money)
    assert value_of(10, raw, overdue) == 0
    assert value_of(11, raw, overdue) == 0  # due today is not past due
    assert value_of(12, raw, overdue) == 0  # settled at the end of the day; `open` is due today
    assert value_of(20, raw, overdue) == 8  # open since day 12


def test_levels_are_read_on_one_day():
    raw = world(
        subscriptions=[
            subscription(1, 20),
            subscription(1, notice_given_on=day(8)),
        ],
    )
    change = signal(
        "s",
        "recurring_revenue",
        1,
        denominator="recurring_revenue",
        denominator_window_days=1,
        denominator_offset_days=10,
        sources="subscriptions",
    )
    assert value_of(20, raw, change) == 1
    assert value_of(21, raw, change) == Fraction(1, 2)
    notice = signal(
        "s",
        "subscriptions_under_notice",
        1,
        denominator="subscriptions_in_force",
        denominator_window_days=1,
        sources="subscriptions.notice_given_on",
        known_by="company",
    )
    assert state_of(7, raw, notice) == ("missing", "source_not_covering")
    assert value_of(8, raw, notice) == Fraction(1, 2)
    assert value_of(21, raw, notice) == 1


# --- signal states, in the order of the rules ---------------------------------------------------


def test_of_whom_no_entitlement_is_known_nothing_is():
    product = signal("s", "features_used", grain="product", sources="product_features")
    for known in ([], [entitlement("p", 5, 6)]):
        raw = world(entitlements=known, product_features=[feature("p", "a")])
        assert state_of(4, raw, product) == ("missing", "not_known")


def test_an_empty_catalogue_is_an_empty_source():
    product = signal("s", "features_used", grain="product", sources="product_features")
    for catalogue, reason in (([], "source_empty"), ([feature("q", "a")], None)):
        result = score_on(4, world(product_features=catalogue), seeds([product]))
        assert row_of(result, 4, "s", "default").state_reason == reason


def test_not_entitled_comes_first():
    product = signal("s", "features_used", grain="product", sources="product_features")
    raw = world(entitlements=[entitlement("p", 1, 3), entitlement("p", 5, 6)])
    assert state_of(4, raw, product) == ("not_applicable", "not_entitled")
    result = score_on(5, raw, seeds([product]))
    assert row_of(result, 5, "s", "p").state_reason == "source_off"


def test_source_off():
    young = signal("s", "tickets_opened", sources="support_tickets", min_history_days=99)
    assert state_of(5, world(), young) == ("missing", "source_off")
    raw = world(support_tickets=[ticket(1)])
    assert state_of(5, raw, young) == ("in_grace", "too_young")
    assert state_of(5, raw, young, sources={"accounts"}) == ("missing", "source_off")
    # The part behind the dot is not the table's name.
    raw = world(usage_events=[event(1)])
    by_user = signal("s", "active_users", sources="usage_events.user_id")
    assert state_of(7, raw, by_user) == ("observed", None)


def test_in_grace_until_the_spell_is_old_enough():
    registered = signal("s", "events", 7, min_history_days=28)
    raw = world(
        accounts=[account(), account("a2")],
        subscriptions=[subscription(10, 60), subscription(100), subscription(account_id="a2")],
        usage_events=[event(1, account_id="a2"), event(1), event(120)],
    )
    assert state_of(36, raw, registered) == ("in_grace", "too_young")  # age 27
    assert state_of(37, raw, registered) == ("observed", None)  # age 28
    assert state_of(126, raw, registered) == ("in_grace", "too_young")  # second spell, age 27
    assert state_of(127, raw, registered) == ("observed", None)


def test_product_age_counts_the_unbroken_stretch():
    registered = signal("s", "features_used", 1, grain="product", min_history_days=3)
    raw = world(
        entitlements=[entitlement("p", 10, 12), entitlement("p", 14), entitlement("p", 13, 13)],
        usage_events=[event(1)],
    )
    result = score_rows(raw, seeds([registered]), start_date=day(11), as_of_date=day(12))
    assert row_of(result, 11, "s", "p").state == "in_grace"
    assert row_of(result, 12, "s", "p").state == "observed"
    del raw["entitlements"][2]  # a hole on day 13
    result = score_rows(raw, seeds([registered]), start_date=day(14), as_of_date=day(16))
    assert row_of(result, 15, "s", "p").state == "in_grace"
    assert row_of(result, 16, "s", "p").state == "observed"


def test_suppressed_by_the_calendar_of_the_region():
    registered = signal("s", "events", 7, rest_days_to_suppress=2)
    calendar = [
        rest_day(10, "DE"),
        rest_day(10, "de", name="again"),  # the same day
        rest_day(11, "FR"),
        rest_day(12, "All"),
    ]
    raw = world(
        accounts=[account(region="de")], usage_events=[event(1)], calendar_days=calendar
    )
    assert state_of(11, raw, registered) == ("observed", None)
    assert state_of(12, raw, registered) == ("suppressed", "calendar")
    assert state_of(16, raw, registered) == ("suppressed", "calendar")  # days 10 to 16
    assert state_of(17, raw, registered) == ("observed", None)  # days 11 to 17
    assert state_of(12, {**raw, "accounts": [account()]}, registered) == ("observed", None)
    unmoved = signal("s", "events", 7)
    assert state_of(12, raw, unmoved) == ("observed", None)


def late_state(number, raw, registered, **limits):
    name = registered["sources"]
    result = score_on(number, raw, seeds([registered], sources=[source(name, **limits)]))
    row = row_of(result, number, "s")
    return row.state, row.state_reason


def test_source_late_by_days_and_rows():
    registered = signal("s", "events", 1)
    # 2 rows a day on days 1 to 10, of another account: 20 rows in 10 days, rate 2.
    raw = world(
        accounts=[account(), account("a2")],
        subscriptions=[subscription(), subscription(account_id="a2")],
        usage_events=[
            event(1), *[event(n, account_id="a2") for n in range(1, 11) for _ in range(2)][1:]
        ],
    )
    limits = {"late_after_days": 3, "late_after_rows": 8}
    assert late_state(12, raw, registered, **limits) == ("observed", None)  # 2 days passed
    assert late_state(13, raw, registered, **limits) == ("observed", None)  # 3 days, 6 rows
    assert late_state(14, raw, registered, **limits) == ("missing", "source_late")  # 4 days, 8 rows


def test_usual_rate_looks_back_over_its_window():
    registered = signal("s", "events", 1)
    # 91 rows on day 1, one row on day 92: day 92's 91 days begin on day 2, so the rate is 1 / 91.
    raw = world(usage_events=[event(1) for _ in range(91)] + [event(92)])
    limits = {"late_after_days": 1, "late_after_rows": 1}
    assert late_state(182, raw, registered, **limits) == ("observed", None)  # 90 days: 90 / 91
    assert late_state(183, raw, registered, **limits) == ("missing", "source_late")  # 91 / 91
    shorter = {**limits, "rate_window_days": 5}
    assert late_state(96, raw, registered, **shorter) == ("observed", None)  # 4 days: 4 / 5
    assert late_state(97, raw, registered, **shorter) == ("missing", "source_late")  # 5 / 5


def test_the_usual_gap_of_a_source_is_not_late():
    registered = signal("s", "events", 1)
    limits = {"late_after_days": 3, "late_after_rows": 3}
    late, fine = ("missing", "source_late"), ("observed", None)
    # Every seventh day; 7 × 1.25 = 8.75 days may pass once two gaps were seen, none before.
    weekly = world(usage_events=[event(n) for n in (1, 8, 15, 22) for _ in range(7)])
    assert late_state(11, weekly, registered, **limits) == late  # one gap teaches nothing
    assert late_state(28, weekly, registered, **limits) == fine
    assert late_state(30, weekly, registered, **limits) == fine  # 8 days
    assert late_state(31, weekly, registered, **limits) == late  # 9 days
    unlearnt = {**limits, "gap_tolerance": 0}
    assert late_state(28, weekly, registered, **unlearnt) == late
    # A month of nothing among gaps of a day is one of the longest tenth, and teaches nothing.
    dark = world(
        usage_events=[event(n) for n in (*range(1, 11), *range(40, 50)) for _ in range(7)]
    )
    assert late_state(51, dark, registered, **limits) == fine
    assert late_state(52, dark, registered, **limits) == late
    # Two gaps of 7 and one of 30: two of three (0.9 × 3 = 2.7) are kept.
    missed = world(usage_events=[event(n) for n in (1, 8, 15, 45) for _ in range(7)])
    assert late_state(53, missed, registered, **limits) == fine
    assert late_state(54, missed, registered, **limits) == late
    # Out of the window of 20 days nothing is learnt: only the gap that ended on day 45 is in it.
    short = {**limits, "rate_window_days": 20, "late_after_rows": 1}
    assert late_state(48, missed, registered, **short) == late


def test_rows_of_every_day_that_are_loaded_by_the_week():
    registered = signal("s", "events", 1)
    limits = {"late_after_days": 3, "late_after_rows": 3}
    # The week of days 1 to 7 is loaded on day 8, and so on; day 29 has not come.
    events = [event(n, loaded_at=at(1 + 7 * ((n + 6) // 7))) for n in range(1, 29)]
    raw = world(usage_events=events)
    assert late_state(36, raw, registered, **limits) == ("observed", None)  # 8 days
    assert late_state(37, raw, registered, **limits) == ("missing", "source_late")  # 9 days


def test_source_late_on_too_many_days_of_the_span():
    registered = signal("s", "events", 10)
    # One row a day but for days 21 to 24: with a limit of 2 days and 2 rows, days 22, 23, 24 are
    # late (on day 22 two days have passed since day 20; on day 21 one).
    events = [event(n) for n in range(1, 51) if n not in (21, 22, 23, 24)]
    raw = world(usage_events=events)
    limits = {"late_after_days": 2, "late_after_rows": 2, "max_late_share": "0.2"}
    late = ("missing", "source_late")
    assert late_state(21, raw, registered, **limits) == ("observed", None)
    assert late_state(22, raw, registered, **limits) == late  # late on the date: 1 of 10 days
    assert late_state(25, raw, registered, **limits) == late  # 3 of 10 days
    assert late_state(31, raw, registered, **limits) == late  # days 22 to 31: 3 of 10
    assert late_state(32, raw, registered, **limits) == ("observed", None)  # 2 of 10 is not more


def test_source_not_covering_looks_at_the_whole_span():
    raw = world(usage_events=[event(11), event(20)])
    assert state_of(16, raw, signal("s", "events", 7)) == ("missing", "source_not_covering")
    assert state_of(17, raw, signal("s", "events", 7)) == ("observed", None)
    baseline = signal(
        "s",
        "events",
        7,
        denominator="events",
        denominator_window_days=3,
        denominator_offset_days=7,
    )
    # The denominator's window on day 19 begins on day 10, on day 20 on day 11.
    assert state_of(19, raw, baseline) == ("missing", "source_not_covering")
    assert state_of(20, raw, baseline) == ("observed", None)


def test_source_without_any_row_is_empty():
    assert state_of(20, world(), signal("s", "events", 7)) == ("missing", "source_empty")
    raw = world(usage_events=[event(1, None), event(2, "staff")])
    by_user = signal("s", "active_users", 7, sources="usage_events|usage_events.user_id")
    assert state_of(20, raw, by_user) == ("observed", None)
    raw["users"] = [{"user_id": "staff", "account_id": "a1", "is_internal": True}]
    assert state_of(20, raw, by_user) == ("missing", "source_empty")
    # A row of any day will do: on day 20 the source of day 30 is not empty, it does not cover.
    raw = world(usage_events=[event(1)], support_tickets=[ticket(30, loaded_at=at(30))])
    desk = signal("s", "tickets_opened", 7, sources="support_tickets")
    assert state_of(20, raw, desk) == ("missing", "source_not_covering")


def test_a_source_of_a_column_has_the_rows_in_which_it_is_filled():
    raw = world(usage_events=[event(1), event(9, feature_key="a")])
    registered = signal("s", "events", 1, sources="usage_events.feature_key")
    assert late_state(8, raw, registered) == ("missing", "source_not_covering")
    assert late_state(9, raw, registered) == ("observed", None)


def test_every_dated_source_must_cover():
    raw = world(usage_events=[event(99)], invoices=[invoice("i", 1, 5)], payments=[payment("i", 4)])
    registered = signal("s", "overdue_age_days", 1, sources="invoices|payments")
    assert state_of(3, raw, registered) == ("missing", "source_not_covering")
    assert state_of(4, raw, registered) == ("observed", None)


def test_not_known_to_the_source():
    raw = world(
        accounts=[account(), account("a2")],
        subscriptions=[subscription(), subscription(account_id="a2")],
        usage_events=[event(1, account_id="a2"), event(10)],
    )
    assert state_of(9, raw, signal("s", "events", 7)) == ("missing", "not_known")
    assert state_of(10, raw, signal("s", "events", 7)) == ("observed", None)
    company = signal("s", "events", 7, known_by="company")
    assert value_of(9, raw, company) == 0


def test_a_source_begins_with_a_customer():
    # a2 never pays: its row of day 1 neither makes the source begin nor a day worth scoring.
    raw = world(
        accounts=[account(), account("a2")],
        usage_events=[event(1, account_id="a2"), event(5)],
    )
    result = score_rows(raw, seeds([signal("s", "events", 3)]), as_of_date=day(7))
    assert min(result.scores) == ("a1", day(5))
    assert state_of(6, raw, signal("s", "events", 3)) == ("missing", "source_not_covering")
    assert state_of(7, raw, signal("s", "events", 3)) == ("observed", None)


def test_zero_is_observed_once_known():
    raw = world(usage_events=[event(1)])
    assert value_of(30, raw, signal("s", "events", 7)) == 0


def test_silence_is_zero_where_less_use_is_worse():
    raw = world(usage_events=[event(1), event(40)])
    per_user = {"denominator": "active_users", "denominator_window_days": 7}
    quiet = signal("s", "user_days", 7, zero_denominator="silent", **per_user)
    assert value_of(20, raw, quiet) == 0
    assert state_of(20, raw, signal("s", "user_days", 7, **per_user)) == (
        "missing", "nothing_to_measure"
    )  # fmt: skip
    # Where there is something above the line, nobody knows how much more that is.
    growth = {"denominator": "events", "denominator_window_days": 7, "denominator_offset_days": 7}
    again = signal("s", "events", 7, zero_denominator="silent", **growth)
    assert state_of(40, raw, again) == ("missing", "nothing_to_measure")
    assert value_of(30, raw, again) == 0


def test_twelve_weeks_of_nothing_are_the_steepest_fall():
    base = signal("events_a_week", "events", 7)
    trend = signal(
        "s", "events_a_week", 84, calculation="slope", zero_denominator="silent", min_count=8
    )
    raw = world(usage_events=[event(1), event(200)])
    result = score_rows(
        raw,
        seeds([base, trend], [rule("s")]),
        start_date=day(7),
        as_of_date=day(150),
    )
    # The window of day 84 begins with the week of days 1 to 7; that of day 91 a week later.
    assert row_of(result, 84, "s").value == row_of(result, 91, "s").value == Fraction(-6, 13)


def test_zero_denominator_has_three_answers():
    raw = world(usage_events=[event(99)], survey_responses=[answer(1, 9, kind="nps"), answer(5, 4)])
    mean = {
        "denominator": "csat_responses",
        "denominator_window_days": 7,
        "sources": "survey_responses",
    }
    plain = signal("s", "csat_score", 7, **mean)
    stale = signal("s", "csat_score", 7, stale_after_days=7, **mean)
    silent = signal("s", "csat_score", 7, zero_denominator="not_applicable", **mean)
    assert state_of(11, raw, stale) == ("observed", None)  # days 5 to 11
    assert state_of(12, raw, plain) == ("missing", "nothing_to_measure")
    assert state_of(12, raw, stale) == ("expired", "stale")
    assert state_of(12, raw, silent) == ("not_applicable", "nothing_to_measure")
    # The answer of day 5 is 8 days old on day 13.
    older = signal("s", "csat_score", 7, stale_after_days=8, **mean)
    assert state_of(12, raw, older) == ("missing", "nothing_to_measure")
    assert state_of(13, raw, older) == ("expired", "stale")
    only_nps = {**raw, "survey_responses": raw["survey_responses"][:1]}
    assert state_of(12, only_nps, stale) == ("missing", "nothing_to_measure")


def test_unknown_revenue_is_not_known_and_nothing_to_compare_with():
    raw = world(
        subscriptions=[subscription(1, 10, currency="XXX"), subscription(11, currency="EUR")],
        exchange_rates=[],
    )
    base = {"base_currency": "EUR"}
    registered = signal(
        "s",
        "recurring_revenue",
        1,
        denominator="recurring_revenue",
        denominator_window_days=1,
        denominator_offset_days=5,
        sources="subscriptions",
    )
    assert state_of(10, raw, registered, **base) == ("missing", "not_known")
    assert state_of(15, raw, registered, **base) == ("missing", "nothing_to_measure")
    assert state_of(16, raw, registered, **base) == ("observed", None)
    # Where a price beside it is known, the sum is not.
    raw["subscriptions"].append(subscription(1, 10, currency="EUR"))
    assert state_of(10, raw, registered, **base) == ("missing", "not_known")
    assert state_of(15, raw, registered, **base) == ("missing", "nothing_to_measure")


@pytest.mark.parametrize(("seats", "expected"), [(0, "no_scale"), (None, "no_scale"), (1, None)])
def test_no_scale(seats, expected):
    raw = world(subscriptions=[subscription(seats=seats)], usage_events=[event(1)])
    assert state_of(8, raw, signal("s", "events", 7, scale="seats"))[1] == expected


# --- points, weights, score ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "points"),
    [
        (1, 20),  # left of the first point (2): flat
        (2, 20),
        (3, 60),  # half way from 20 to 100
        (4, 100),
        (6, 60),  # falls from 100 at 4 to 20 at 8
        (8, 20),
        (9, 20),  # right of the last point: flat
    ],
)
def test_curve_rises_falls_and_is_flat_outside(events, points):
    raw = world(usage_events=[event(1) for _ in range(events)])
    card = seeds(
        [signal("s", "events", 7)],
        [rule("s", curve_id="hill")],
        curves=curve("hill", (2, 20), (4, 100), (8, 20)),
    )
    result = score_on(7, raw, card)
    row = row_of(result, 7, "s")
    assert row.points == points
    assert row.effective_weight == 1
    assert row.contribution == points
    assert row.points_lost == 100 - points
    assert result.scores["a1", day(7)].health_score == points


def test_the_same_users_give_other_points_for_more_seats():
    card = seeds(
        [signal("s", "active_users", 7, scale="seats")],
        [rule("s", curve_id="share")],
        curves=curve("share", (0, 0), (1, 100)),
    )
    events = [event(1, f"u{n}") for n in range(7)]
    for seats, points in ((8, Fraction("87.5")), (10, Fraction(70))):
        raw = world(subscriptions=[subscription(seats=seats)], usage_events=events)
        row = row_of(score_on(7, raw, card), 7, "s")
        assert (row.value, row.scale, row.points) == (7, seats, points)


def four_signals(**others):
    """Usage 60: `events` 75 and `tickets` 25. Money 40: `csat` 50 and `invoices` 50."""
    signals = [
        signal("events", "events", 7),
        signal("tickets", "tickets_opened", 7, sources="support_tickets"),
        signal("csat", "csat_responses", 7, sources="survey_responses"),
        signal("invoices", "invoices_due", 7, sources="invoices"),
    ]
    rules = [
        rule("events", 75),
        rule("tickets", 25),
        rule("csat", 50, "money"),
        rule("invoices", 50, "money"),
    ]
    dimensions = [dimension("usage", 60), dimension("money", 40)]
    return seeds(signals, rules, dimensions=dimensions, **others)


def full_world():
    """On day 7: 9 events, 3 tickets, 5 csat answers, 1 invoice due."""
    return world(
        usage_events=[event(1) for _ in range(9)] + [event(99)],
        support_tickets=[ticket(1) for _ in range(3)],
        survey_responses=[answer(1, 5) for _ in range(5)],
        invoices=[invoice("i", 1, 7)],
    )


def test_everything_observed():
    result = score_on(7, full_world(), four_signals())
    found = result.scores["a1", day(7)]
    # 0.75 * 0.6 = 0.45 of 9; 0.15 of 3; 0.2 of 5; 0.2 of 1: 4.05 + 0.45 + 1 + 0.2.
    assert found.health_score == found.data_score == Decimal("5.7000")
    assert found.coverage == Decimal("1.0000")
    assert (found.band, found.score_reason) == ("critical", None)
    assert row_of(result, 7, "events").points_lost == Decimal("40.9500")  # 0.45 * 91


def test_weights_move_to_what_is_observed():
    raw = full_world()
    del raw["support_tickets"], raw["survey_responses"]
    result = score_on(7, raw, four_signals())
    found = result.scores["a1", day(7)]
    # Usage: events alone, 0.6 * 9 = 5.4. Money: invoices alone, 0.4 * 1.
    assert found.health_score == Decimal("5.8000")
    # Observed 60 * 75 + 40 * 50 = 6500 of 60 * 100 + 40 * 100 = 10000.
    assert found.coverage == Decimal("0.6500")
    missing = row_of(result, 7, "tickets")
    assert (missing.state, missing.points, missing.effective_weight) == ("missing", None, None)
    assert missing.contribution == missing.points_lost == Decimal("0.0000")
    del raw["invoices"]
    found = score_on(7, raw, four_signals()).scores["a1", day(7)]
    assert found.health_score == Decimal("9.0000")
    assert found.coverage == Decimal("0.4500")


def test_a_dimension_of_which_too_little_is_observed_does_not_score():
    raw = full_world()
    raw["usage_events"] = raw["usage_events"][-1:]  # only tickets, 25 of 100 of usage
    just_enough = [version(min_dimension_coverage="0.25")]
    found = score_on(7, raw, four_signals(scorecards=just_enough)).scores["a1", day(7)]
    assert found.health_score == Decimal("3.0000")  # 0.6 * 3 + 0.2 * 5 + 0.2 * 1
    too_little = [version(min_dimension_coverage="0.26")]
    result = score_on(7, raw, four_signals(scorecards=too_little))
    found = result.scores["a1", day(7)]
    assert found.health_score == Decimal("3.0000")  # 0.5 * 5 + 0.5 * 1
    assert row_of(result, 7, "csat", dimension_id="money").effective_weight == Fraction(1, 2)
    idle = row_of(result, 7, "tickets")
    assert (idle.state, idle.effective_weight) == ("observed", None)
    assert idle.contribution == idle.points_lost == Decimal("0.0000")
    # The idle row is still observed: 60 * 25 + 40 * 100 = 5500 of 10000.
    assert found.coverage == Decimal("0.5500")


def test_coverage_below_the_minimum_gives_no_score():
    raw = full_world()
    del raw["support_tickets"], raw["survey_responses"]  # coverage 0.65
    assert (
        score_on(7, raw, four_signals(scorecards=[version(min_coverage="0.65")]))
        .scores["a1", day(7)]
        .score_reason
        is None
    )
    result = score_on(7, raw, four_signals(scorecards=[version(min_coverage="0.6501")]))
    found = result.scores["a1", day(7)]
    assert (found.health_score, found.data_score, found.band) == (None, None, "unknown")
    assert (found.score_reason, found.coverage) == ("insufficient_data", Decimal("0.6500"))
    for row in result.contributions.values():
        assert (row.contribution, row.points_lost, row.effective_weight) == (None, None, None)


def test_too_few_observed_dimensions_give_no_score():
    raw = full_world()
    del raw["survey_responses"], raw["invoices"]
    card = four_signals(scorecards=[version(min_dimensions=2)])
    found = score_on(7, raw, card).scores["a1", day(7)]
    assert (found.health_score, found.score_reason) == (None, "insufficient_data")
    assert found.coverage == Decimal("0.6000")


def test_an_account_without_data_is_unknown():
    found = score_on(7, world(), four_signals()).scores["a1", day(7)]
    assert (found.health_score, found.band, found.coverage) == (None, "unknown", Decimal("0.0000"))


def test_not_applicable_rows_leave_coverage_alone():
    signals = [
        signal("events", "events", 7),
        signal("features", "features_used", 7, grain="product"),
    ]
    card = seeds(signals, [rule("events", 50), rule("features", 50)])
    raw = world(usage_events=[event(1), event(1)], entitlements=[entitlement("p", 1, 6)])
    result = score_on(7, raw, card)
    assert row_of(result, 7, "features").state_reason == "not_entitled"
    assert result.scores["a1", day(7)].coverage == Decimal("1.0000")
    assert result.scores["a1", day(7)].health_score == Decimal("2.0000")


def test_contributions_are_rounded_once_and_clamped_at_100():
    # Six equal signals of 100 points: 100 / 6 = 16.6667 each, 100.0002 in all.
    names = ["s1", "s2", "s3", "s4", "s5", "s6"]
    card = seeds(
        [signal(name, "events", 7) for name in names],
        [rule(name, 10, curve_id="full") for name in names],
        curves=curve("full", (0, 100), (1, 100)),
    )
    result = score_on(7, world(usage_events=[event(1)]), card)
    assert row_of(result, 7, "s1").contribution == Decimal("16.6667")
    clamp = result.contributions["a1", day(7), "clamp", "none", "none", "all", "none"]
    assert clamp.contribution == Decimal("-0.0002")
    assert result.scores["a1", day(7)].health_score == Decimal("100.0000")
    assert result.scores["a1", day(7)].band == "healthy"
    total = sum(row.contribution for row in result.contributions.values())
    assert total == Decimal("100.0000")


# --- products -----------------------------------------------------------------------------------


def product_world(first_revenue, second_revenue):
    return world(
        subscriptions=[
            subscription(product_id="p", monthly_recurring_revenue=first_revenue),
            subscription(product_id="q", monthly_recurring_revenue=second_revenue),
        ],
        usage_events=[event(1, product_id="p", feature_key="a"), event(2)],
        product_features=[feature("p", "a"), feature("p", "b"), feature("q", "c")],
    )


def product_card():
    registered = signal(
        "s",
        "features_used",
        7,
        denominator="features_available",
        denominator_window_days=1,
        grain="product",
        sources="usage_events|product_features",
        zero_denominator="not_applicable",
    )
    return seeds(
        [registered], [rule("s", curve_id="share")], curves=curve("share", (0, 0), (1, 100))
    )


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        (Decimal("300.00"), Decimal("100.00"), Fraction(3, 4)),
        (Decimal("0.00"), Decimal("0.00"), Fraction(1, 2)),
        (None, None, Fraction(1, 2)),
        (Decimal("100.00"), None, Fraction(1)),
    ],
)
def test_product_rows_share_the_weight_by_revenue(first, second, share):
    result = score_on(7, product_world(first, second), product_card())
    used = row_of(result, 7, "s", "p")
    assert (used.points, used.effective_weight) == (50, share)
    if share < 1:
        unused = row_of(result, 7, "s", "q")
        assert (unused.points, unused.effective_weight) == (0, 1 - share)
    else:
        assert {key[5] for key in result.contributions} == {"p"}
    assert result.scores["a1", day(7)].health_score == rounded(50 * share, 4)


def test_entitlements_decide_which_products_count():
    raw = product_world(Decimal("300.00"), Decimal("100.00"))
    raw["entitlements"] = [entitlement("q"), entitlement("r")]
    raw["product_features"].append(feature("z", "y"))
    result = score_on(7, raw, product_card())
    keys = {key[5] for key in result.contributions}
    # q has all the revenue of the entitled products, so that r has no row.
    assert keys == {"q"}
    assert row_of(result, 7, "s", "q").effective_weight == 1
    # Neither has revenue: r has no catalogue.
    raw = product_world(None, None)
    raw["entitlements"] = [entitlement("q"), entitlement("r")]
    raw["product_features"].append(feature("z", "y"))
    result = score_on(7, raw, product_card())
    assert row_of(result, 7, "s", "r").state == "not_applicable"


def test_a_null_product_is_the_default_one():
    raw = world(
        usage_events=[event(1, feature_key="a")], product_features=[feature("default", "a")]
    )
    assert row_of(score_on(7, raw, product_card()), 7, "s", "default").points == 100


# --- versions, inheritance, overrides -----------------------------------------------------------


def inherited_card(**others):
    """`own` extends `base`: replaces csat, adds notice, takes tickets out, moves the bands."""
    own = ("own", 1)
    card = four_signals(**others)
    card["signals"] = [*card["signals"], signal("days", "active_days", 7)]
    card["scorecard_signals"] = [
        *card["scorecard_signals"],
        rule("csat", 25, "money", of=own),
        rule("days", 75, "money", of=own),
        rule("invoices", 0, "money", of=own),
    ]
    card["dimensions"] = [*card["dimensions"], dimension("money", 20, of=own)]
    card["scorecards"] = [
        version(),
        version(own, extends_scorecard_id="base", extends_version=1),
    ]
    card["segments"] = [segment("everyone", 1000, scorecard_id="own")]
    return card


def test_a_version_replaces_what_it_inherits_row_by_row():
    result = score_on(7, full_world(), inherited_card())
    found = result.scores["a1", day(7)]
    assert (found.scorecard_id, found.scorecard_version) == ("own", 1)
    rows = {key[4]: row for key, row in result.contributions.items()}
    assert set(rows) == {"events", "tickets", "csat", "days"}
    assert {name: row.rule_level for name, row in rows.items()} == {
        "events": "base",
        "tickets": "base",
        "csat": "scorecard",
        "days": "scorecard",
    }
    # Dimensions 60 and 20: usage 0.75, money 0.25.
    # 0.75 * 0.75 * 9 = 5.0625; 0.75 * 0.25 * 3 = 0.5625; 0.25 * 0.25 * 5 = 0.3125;
    # 0.25 * 0.75 * 1 active day = 0.1875. In all 6.125.
    assert found.health_score == Decimal("6.1250")
    assert found.band == "critical"  # the inherited bands


def test_own_bands_replace_the_inherited_ones_as_a_whole():
    card = inherited_card()
    card["bands"] = [
        *card["bands"],
        {
            "scorecard_id": "own",
            "scorecard_version": "1",
            "band_id": "fine",
            "lower_bound": "0",
            "upper_bound": "100",
        },
    ]
    assert score_on(7, full_world(), card).scores["a1", day(7)].band == "fine"


def test_a_dimension_of_weight_zero_is_out_with_its_signals():
    card = inherited_card()
    card["dimensions"] = [*card["dimensions"][:2], dimension("money", 0, of=("own", 1))]
    result = score_on(7, full_world(), card)
    assert {key[3] for key in result.contributions} == {"usage"}
    assert result.scores["a1", day(7)].health_score == Decimal("7.5000")  # 0.75 * 9 + 0.25 * 3


def test_versions_follow_their_dates_and_shadows_stay_aside():
    second, third = ("base", 2), ("base", 3)
    registered = signal("s", "events", 7)
    extends = {"extends_scorecard_id": "base", "extends_version": 1}
    card = seeds(
        [registered],
        [rule("s"), rule("s", curve_id="half", of=second), rule("s", curve_id="full", of=third)],
        curves=curve("line", (0, 0), (100, 100))
        + curve("half", (0, 50), (1, 50))
        + curve("full", (0, 100), (1, 100)),
        scorecards=[
            version(valid_from=day(8).isoformat()),
            version(second, valid_from=day(10).isoformat(), **extends),
            version(third, valid_from=day(9).isoformat(), status="shadow", **extends),
        ],
    )
    raw = world(usage_events=[event(1)])
    result = score_rows(raw, card, start_date=day(7), as_of_date=day(10))
    none = result.scores["a1", day(7)]
    assert (none.health_score, none.band, none.score_reason) == (None, "unknown", "no_scorecard")
    assert (none.scorecard_id, none.scorecard_version, none.coverage) == ("base", None, None)
    assert not [key for key in result.contributions if key[1] == day(7)]
    assert result.scores["a1", day(9)].scorecard_version == 1
    assert result.scores["a1", day(9)].health_score == Decimal("0.0000")
    assert result.scores["a1", day(10)].scorecard_version == 2
    assert result.scores["a1", day(10)].health_score == Decimal("50.0000")
    # The shadow is scored over the whole history, whenever it may begin to hold.
    assert set(result.shadow_scores) == {("a1", day(n), "base", 3) for n in (7, 8, 9, 10)}
    assert result.shadow_scores["a1", day(9), "base", 3].health_score == Decimal("100.0000")


def test_no_segment_means_no_scorecard():
    card = seeds([signal("s", "events")], segments=[segment("big", 1, "seats", "at_least", "99")])
    found = score_on(7, world(), card).scores["a1", day(7)]
    assert (found.segment_id, found.scorecard_id) == (None, None)
    assert found.score_reason == "no_scorecard"


def test_account_overrides_of_weight_curve_and_scale():
    raw = world(usage_events=[event(1) for _ in range(4)])
    signals = [
        signal("scaled", "events", 7, scale="seats"),
        signal("plain", "events", 7),
    ]
    rules = [rule("scaled", 50), rule("plain", 50)]
    curves = curve("line", (0, 0), (100, 100)) + curve("full", (0, 100), (1, 100))

    def rows(*overrides, number=7):
        card = seeds(signals, rules, curves=curves, account_overrides=list(overrides))
        result = score_on(number, raw, card)
        return {key[4]: row for key, row in result.contributions.items()}

    # 10 seats * 0.5 = 5; 4 events / 5.
    scaled = rows(override("scaled", "scale_factor", "0.5"))["scaled"]
    assert (scaled.scale, scaled.points, scaled.rule_level) == (5, Fraction(4, 5), "account")
    assert rows(override("scaled", "scale_factor", "0"))["scaled"].state_reason == "no_scale"
    heavy = rows(override("plain", "weight", "150"))
    assert heavy["plain"].effective_weight == Fraction(3, 4)
    assert heavy["scaled"].effective_weight == Fraction(1, 4)
    assert (heavy["plain"].rule_level, heavy["scaled"].rule_level) == ("account", "scorecard")
    assert rows(override("plain", "curve_id", "full"))["plain"].points == 100
    assert set(rows(override("plain", "weight", "0"))) == {"scaled"}
    others = override("plain", "weight", "9", account_id="a2")
    assert rows(others)["plain"].rule_level == "scorecard"
    dated = override("plain", "curve_id", "full", day(6).isoformat(), day(7).isoformat())
    assert rows(dated, number=7)["plain"].rule_level == "account"
    assert rows(dated, number=8)["plain"].rule_level == "scorecard"


# --- files --------------------------------------------------------------------------------------


def test_files_and_shipped_seeds(tmp_path):
    """Parquet in both layouts with the shipped seeds; 6 people share 40 seats."""
    duckdb = pytest.importorskip("duckdb")
    events = tmp_path / "usage_events"
    events.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select 'a1' as account_id, null::date as valid_from, null as plan,"
            f" null as industry, null as region, null as lifecycle_stage, null::bigint as students)"
            f" to '{tmp_path / 'accounts.parquet'}' (format parquet)"
        )
        connection.execute(
            f"copy (select 's1' as subscription_id, 'a1' as account_id, date '2024-01-01' as"
            f" starts_on, 40::bigint as seats, 100::decimal(18,2) as monthly_recurring_revenue)"
            f" to '{tmp_path / 'subscriptions.parquet'}' (format parquet)"
        )
        for part in (0, 1):
            connection.execute(
                f"copy (select 'e{part}-' || n as event_id, 'a1' as account_id,"
                f" 'u' || (n % 6) as user_id,"
                f" timestamp '2024-01-01 12:00:00' + to_days((n - 1)::int) as occurred_at"
                f" from range(1, 41) as days(n))"
                f" to '{events / f'part{part}.parquet'}' (format parquet)"
            )
    result = score(tmp_path, PROJECT / "seeds" / "scorecard")
    assert result.staging["usage_events"].staged == 80
    assert max(when for _, when in result.scores) == day(39)
    share = row_of(result, 39, "active_users_per_seat")
    assert (share.value, share.scale) == (6, 40)
    assert share.state == "observed"
    assert row_of(result, 39, "ticket_rate", dimension_id="support").state_reason == "source_off"


def test_the_shipped_seeds_can_be_read():
    shipped = read_seeds(PROJECT / "seeds" / "scorecard")
    assert {row["signal_id"] for row in shipped["scorecard_signals"]} <= {
        row["signal_id"] for row in shipped["signals"]
    }


# --- what must hold everywhere ------------------------------------------------------------------


def test_parts_make_the_whole_on_every_day():
    raw = full_world()
    raw["accounts"] = [account(), account("a2")]
    raw["subscriptions"] = [*raw["subscriptions"], subscription(3, 20, "a2")]
    raw["usage_events"] = [*raw["usage_events"], event(12, account_id="a2")]
    card = four_signals(scorecards=[version(min_coverage="0.5", min_dimension_coverage="0.4")])
    result = score_rows(raw, card, as_of_date=day(30))
    assert {found.score_reason for found in result.scores.values()} == {None, "insufficient_data"}
    for (account_id, when), found in result.scores.items():
        rows = [row for key, row in result.contributions.items() if key[:2] == (account_id, when)]
        assert Decimal(0) <= found.coverage <= Decimal(1)
        if found.health_score is None:
            continue
        assert sum(row.contribution for row in rows) == found.health_score
        assert sum(row.effective_weight or 0 for row in rows) == 1
