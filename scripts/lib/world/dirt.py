"""What goes wrong in real sources, planted on purpose and counted.

The clean world is written in full; every dirty row is an *additional* row, made from a clean one by
replacing some of its columns. So the manifest's counts are exact, and leaving the listed rows out
gives the clean world back.

`expected` says what the design asks of a dirty row: `duplicate` (one of the rows with its key
survives), `conflict` (the same, and the rows say different things), `reject` (unusable), `keep` (usable, though odd) or `judge` (the staging model decides,
and says so).
"""

from __future__ import annotations

from dataclasses import dataclass, field

# What identifies a row. A dirty row gets a new value in the first column unless it is a duplicate.
KEYS: dict[str, tuple[str, ...]] = {
    "accounts": ("account_id", "valid_from"),
    "users": ("user_id",),
    "products": ("product_id",),
    "product_features": ("feature_key", "product_id"),
    "entitlements": ("entitlement_id",),
    "usage_events": ("event_id",),
    "support_tickets": ("ticket_id",),
    "ticket_events": ("ticket_event_id",),
    "subscriptions": ("subscription_id", "starts_on"),
    "invoices": ("invoice_id",),
    "payments": ("payment_id",),
    "survey_responses": ("response_id",),
    "touchpoints": ("touchpoint_id",),
    "pulses": ("pulse_id",),
    "trainings": ("training_id",),
    "success_goals": ("goal_id", "status_changed_at", "status"),
    "advocacy_events": ("advocacy_event_id",),
    "churn_events": ("churn_event_id",),
    "exchange_rates": ("currency", "valid_from"),
    "calendar_days": ("region", "calendar_date", "kind"),
}

LATER = "loaded_at + to_days(2 + (dirt_no % 7)::int)"
FUTURE = "loaded_at + interval 30 day"
FUTURE_DATE = "(loaded_at + interval 30 day)::date"


@dataclass(frozen=True)
class Dirt:
    """One kind of dirt in one table: SQL expressions over the clean row, by column.

    `dirt_no` numbers the sampled rows. `keeps_key` rows share the key of their clean row. `only` is
    a condition that picks the rows instead of chance.
    """

    kind: str
    expected: str
    replace: dict[str, str] = field(default_factory=dict)
    keeps_key: bool = False
    only: str | None = None


def _exact() -> Dirt:
    return Dirt("exact_duplicate", "duplicate", keeps_key=True)


def _correction(**replace: str) -> Dirt:
    """The same key, loaded again later with another value: the later load is right."""
    return Dirt("correction", "conflict", {**replace, "loaded_at": LATER}, keeps_key=True)


def _disagreement(**replace: str) -> Dirt:
    """The same key with another value, and no load that tells which is right."""
    return Dirt("disagreement", "conflict", {**replace, "loaded_at": "null"}, keeps_key=True)


def _orphan(column: str) -> Dirt:
    thing = column.removesuffix("_id")
    return Dirt(f"unknown_{thing}", "reject", {column: f"'unknown_{thing}_' || dirt_no"})


def _null_key(column: str) -> Dirt:
    return Dirt("null_key", "reject", {column: "null"}, keeps_key=True)


def _null_date(*columns: str) -> Dirt:
    return Dirt("null_date", "reject", dict.fromkeys(columns, "null"))


def _future(**replace: str) -> Dirt:
    return Dirt("future_date", "reject", replace)


def _negative(column: str) -> Dirt:
    return Dirt("negative_amount", "reject", {column: f"-coalesce(abs({column}), 0) - 1"})


def _late() -> Dirt:
    return Dirt("late_load", "keep", {"loaded_at": LATER})


def _unknown(column: str, value: str) -> Dirt:
    return Dirt(f"unknown_{column}", "judge", {column: f"'{value}'"})


def _ends_before_start(**replace: str) -> Dirt:
    return Dirt("end_before_start", "judge", replace)


DIRT: dict[str, tuple[Dirt, ...]] = {
    "accounts": (
        _exact(),
        _correction(employees="coalesce(employees, 0) + 1"),
        _null_key("account_id"),
        Dirt("unknown_parent", "judge", {"parent_account_id": "'unknown_account_' || dirt_no"}),
    ),
    "users": (
        _exact(),
        _correction(role="'corrected'"),
        _orphan("account_id"),
        _null_key("user_id"),
        _ends_before_start(left_at="created_at - interval 3 day"),
    ),
    "products": (_exact(),),
    "product_features": (_exact(), _orphan("product_id")),
    "entitlements": (
        _exact(),
        _correction(seats="coalesce(seats, 0) + 1"),
        _orphan("account_id"),
        _orphan("product_id"),
        _null_key("entitlement_id"),
        _null_date("starts_on"),
        _ends_before_start(ends_on="starts_on - 10"),
    ),
    "usage_events": (
        _exact(),
        _correction(duration_seconds="coalesce(duration_seconds, 0) + 60"),
        _orphan("account_id"),
        Dirt("unknown_user", "keep", {"user_id": "'unknown_user_' || dirt_no"}),
        Dirt("unknown_feature", "keep", {"feature_key": "'beta_canvas'"}),
        _null_key("event_id"),
        _null_date("occurred_at"),
        _negative("quantity"),
        _future(occurred_at=FUTURE),
        _late(),
        Dirt(
            "before_first_subscription",
            "keep",
            {
                "occurred_at": "(select min(subscriptions.starts_on) from clean.subscriptions"
                " where subscriptions.account_id = sample.account_id) - interval 5 day"
            },
        ),
    ),
    "support_tickets": (
        _exact(),
        _correction(severity="case when severity = 'high' then 'low' else 'high' end"),
        _orphan("account_id"),
        _null_key("ticket_id"),
        _null_date("opened_at"),
        _future(opened_at=FUTURE, first_responded_at="null", resolved_at="null"),
        _ends_before_start(resolved_at="opened_at - interval 2 day"),
        Dirt("out_of_range", "judge", {"sentiment": "3.5"}),
        _late(),
    ),
    "ticket_events": (
        _exact(),
        _orphan("ticket_id"),
        _unknown("status", "escalated"),
        _null_key("ticket_event_id"),
        _null_date("occurred_at"),
        _future(occurred_at=FUTURE),
        _late(),
    ),
    "subscriptions": (
        _exact(),
        _correction(monthly_recurring_revenue="coalesce(monthly_recurring_revenue, 0) * 1.05 + 1"),
        _orphan("account_id"),
        _null_key("subscription_id"),
        _null_date("starts_on"),
        _negative("monthly_recurring_revenue"),
        _ends_before_start(ends_on="starts_on - 10"),
    ),
    "invoices": (
        _exact(),
        _correction(amount="amount + 10"),
        _orphan("account_id"),
        _null_key("invoice_id"),
        _null_date("issued_on"),
        _negative("amount"),
        _future(issued_on=FUTURE_DATE, due_on=f"{FUTURE_DATE} + 14"),
        _ends_before_start(due_on="issued_on - 10"),
    ),
    "payments": (
        _exact(),
        _correction(amount="amount + 1"),
        _orphan("invoice_id"),
        _null_key("payment_id"),
        _null_date("occurred_on"),
        _negative("amount"),
        _future(occurred_on=FUTURE_DATE),
        _unknown("kind", "barter"),
        _late(),
    ),
    "survey_responses": (
        _exact(),
        _correction(score="case when score > 1 then score - 1 else 2 end"),
        _orphan("account_id"),
        _null_key("response_id"),
        _null_date("sent_at", "responded_at"),
        _future(sent_at=FUTURE, responded_at=FUTURE),
        _unknown("kind", "xyz"),
        Dirt("out_of_range", "judge", {"score": "42"}),
        _late(),
    ),
    "touchpoints": (
        _exact(),
        _disagreement(direction="case when direction = 'inbound' then 'outbound' else 'inbound' end"),
        _orphan("account_id"),
        _null_key("touchpoint_id"),
        _null_date("occurred_at"),
        _future(occurred_at=FUTURE),
        _unknown("kind", "fax"),
        _late(),
    ),
    "pulses": (
        _exact(),
        _disagreement(value="case when value = 'green' then 'yellow' else 'green' end"),
        _orphan("account_id"),
        _null_key("pulse_id"),
        Dirt("null_author", "reject", {"author_id": "null"}),
        Dirt("null_reason", "reject", {"reason": "null"}),
        Dirt("null_expiry", "reject", {"expires_at": "null"}),
        _null_date("set_at"),
        _future(set_at=FUTURE, expires_at="loaded_at + interval 90 day"),
        _unknown("value", "purple"),
        _ends_before_start(expires_at="set_at - interval 1 day"),
    ),
    "trainings": (
        _exact(),
        _orphan("account_id"),
        _null_key("training_id"),
        _null_date("completed_at"),
        _future(completed_at=FUTURE, expires_at="null"),
        _ends_before_start(expires_at="completed_at - interval 1 day"),
        _late(),
    ),
    "success_goals": (
        _exact(),
        _orphan("account_id"),
        _null_key("goal_id"),
        _null_date("status_changed_at"),
        _future(status_changed_at=FUTURE),
        _unknown("status", "parked"),
    ),
    "advocacy_events": (
        _exact(),
        _orphan("account_id"),
        _null_key("advocacy_event_id"),
        _null_date("occurred_at"),
        _future(occurred_at=FUTURE),
        _unknown("kind", "billboard"),
        _unknown("polarity", "mixed"),
        Dirt(
            "planted_reload",
            "duplicate",
            {"loaded_at": "loaded_at + interval 1 day"},
            keeps_key=True,
            only="advocacy_event_id like '%planted'",
        ),
    ),
    "churn_events": (
        _exact(),
        _orphan("account_id"),
        _null_key("churn_event_id"),
        _null_date("notice_given_on"),
        _ends_before_start(ends_on="notice_given_on - 10"),
    ),
    "exchange_rates": (
        _exact(),
        _correction(rate_to_base="rate_to_base * 1.01"),
        _null_key("currency"),
        _null_date("valid_from"),
        _negative("rate_to_base"),
    ),
    "calendar_days": (
        _exact(),
        _null_key("region"),
        _null_date("calendar_date"),
        _unknown("kind", "moon_phase"),
    ),
}


def rows_per_kind(rows: int) -> int:
    """How many rows of each kind a table of this size gets: a few in any, at most two hundred."""
    return min(max(2, round(rows * 0.002)), 200)


def dirt_query(table: str, position: int, rows: int, sampled: int, columns: tuple[str, ...]) -> str:
    """The rows of one kind of dirt, from the numbered sample of clean rows.

    `position` is the kind's place in DIRT[table]; each kind takes `rows` rows of its own, coming
    round to the first where the sample is smaller than that (then a row may serve two kinds).
    """
    dirt = DIRT[table][position]
    keys = KEYS[table]
    replaced = dict(dirt.replace)
    if not dirt.keeps_key and keys[0] not in replaced:
        replaced[keys[0]] = f"{keys[0]} || '_d{position}'"
    selected = ",\n    ".join(
        f"{replaced[column]} as {column}" if column in replaced else f"sample.{column}"
        for column in columns
    )
    base_key = " || '|' || ".join(f"coalesce(sample.{key}::varchar, '')" for key in keys)
    if dirt.only:
        source = f"(select *, 0 as dirt_no from clean.{table} where {dirt.only}) as sample"
        chosen = "true"
    else:
        source = "sample"
        turn = sampled * (position * rows // sampled + 1) - position * rows
        chosen = f"(dirt_no + {turn}) % {sampled} < {rows}"
    return f"""
select
    {selected},
    '{dirt.kind}' as dirt_kind,
    '{dirt.expected}' as dirt_expected,
    {base_key} as clean_key
from {source}
where {chosen}
"""
