"""Raw rows to staged, rejected and duplicate ones: section 2 of docs/scoring.md, row by row."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from .links import SINCE_EVER, Links
from .plain import ONE_DAY, OPEN_END, day_of, naive_utc, word

REQUIRED_TABLES = {"accounts", "usage_events", "subscriptions"}
DEFAULT_PRODUCT = "default"


@dataclass(frozen=True)
class Rules:
    """What section 2 and the contract say about one table.

    `date` names the columns whose first value that is not null is the row's date. `account` says
    how the row finds its account: by its own account_id, through a ticket or invoice, or not at
    all. `required` are the required columns that no earlier reason has looked at. `period` is the
    start and the end that must not lie before it. Where rows of one key disagree and no load decides,
    a column of `unknown` is not known if one of the columns named there disagrees, and no row is used
    if one of `refused` does.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    date: tuple[str, ...] = ()
    may_be_future: bool = False
    account: str | None = "account_id"
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    scales: dict[str, tuple[int, int]] = field(default_factory=dict)
    period: tuple[str, str] | None = None
    above_zero: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ACCOUNT_ATTRIBUTES = _columns(
    "account_name parent_account_id merged_into_account_id merged_on plan industry use_case region lifecycle_stage owner_id "
    "employees students time_zone signed_up_on"
)

# Parents stand before the tables that need them.
TABLES: dict[str, Rules] = {
    "accounts": Rules(
        columns=("account_id", "valid_from", *ACCOUNT_ATTRIBUTES, "loaded_at"),
        key=("account_id", "valid_from"),
        account=None,
        unknown={name: (name,) for name in ACCOUNT_ATTRIBUTES},
    ),
    "users": Rules(
        columns=_columns(
            "user_id account_id full_name email role is_executive_sponsor is_champion is_internal "
            "created_at left_at loaded_at"
        ),
        key=("account_id", "user_id",),
        flags=("is_internal",),
    ),
    "products": Rules(
        columns=_columns("product_id product_name loaded_at"),
        key=("product_id",),
        account=None,
    ),
    "product_features": Rules(
        columns=_columns("product_id feature_key module is_key_feature is_advanced loaded_at"),
        key=("product_id", "feature_key"),
        account=None,
        flags=("is_key_feature", "is_advanced"),
    ),
    "entitlements": Rules(
        columns=_columns(
            "entitlement_id account_id product_id starts_on ends_on ends_before seats loaded_at"
        ),
        key=("account_id", "entitlement_id",),
        date=("starts_on",),
        may_be_future=True,
        required=("product_id",),
        period=("starts_on", "ends_on"),
        amounts=("seats",),
        unknown={"seats": ("seats",)},
    ),
    "usage_events": Rules(
        columns=_columns(
            "event_id account_id user_id product_id feature_key occurred_at quantity "
            "duration_seconds error_count loaded_at"
        ),
        key=("account_id", "event_id",),
        date=("occurred_at",),
        amounts=("quantity", "duration_seconds", "error_count"),
    ),
    "support_tickets": Rules(
        columns=_columns(
            "ticket_id account_id user_id product_id topic severity kind sentiment opened_at "
            "first_responded_at resolved_at merged_into_ticket_id loaded_at"
        ),
        key=("account_id", "ticket_id",),
        date=("opened_at",),
        words={"kind": ("how_to", "defect", "question")},
        scales={"sentiment": (-1, 1)},
        unknown={"severity": ("severity",), "sentiment": ("sentiment",)},
    ),
    "ticket_events": Rules(
        columns=_columns("ticket_event_id account_id ticket_id status occurred_at loaded_at"),
        key=("account_id", "ticket_event_id",),
        date=("occurred_at",),
        account="ticket_id",
        words={"status": ("opened", "pending", "resolved", "reopened", "closed")},
        required=("status",),
    ),
    "survey_responses": Rules(
        columns=_columns(
            "response_id account_id user_id ticket_id kind score sent_at responded_at loaded_at"
        ),
        key=("account_id", "response_id",),
        date=("responded_at", "sent_at"),
        words={"kind": ("nps", "csat", "ces")},
        required=("kind",),
        unknown={"score": ("kind", "score")},
    ),
    "subscriptions": Rules(
        columns=_columns(
            "subscription_id subscription_item_id account_id product_id starts_on ends_on "
            "ends_before seats "
            "monthly_recurring_revenue currency renewal_date auto_renews is_trial "
            "notice_given_on loaded_at"
        ),
        key=("account_id", "subscription_id", "subscription_item_id", "starts_on"),
        date=("starts_on",),
        may_be_future=True,
        period=("starts_on", "ends_on"),
        amounts=("seats", "monthly_recurring_revenue"),
        flags=("is_trial",),
        unknown={
            "seats": ("seats",),
            "monthly_recurring_revenue": ("monthly_recurring_revenue", "currency"),
        },
    ),
    "invoices": Rules(
        columns=_columns("invoice_id account_id issued_on due_on amount currency loaded_at"),
        key=("account_id", "invoice_id",),
        date=("issued_on",),
        required=("due_on", "amount"),
        amounts=("amount",),
        refused=("due_on", "amount", "currency"),
    ),
    "payments": Rules(
        columns=_columns("payment_id account_id invoice_id kind status occurred_on amount loaded_at"),
        key=("account_id", "payment_id",),
        date=("occurred_on",),
        account="invoice_id",
        words={"kind": ("payment", "refund", "credit_note"), "status": ("succeeded", "failed")},
        required=("kind", "amount"),
        amounts=("amount",),
        refused=("kind", "status", "amount"),
    ),
    "exchange_rates": Rules(
        columns=_columns("currency valid_from rate_to_base loaded_at"),
        key=("currency", "valid_from"),
        date=("valid_from",),
        may_be_future=True,
        account=None,
        required=("rate_to_base",),
        above_zero=("rate_to_base",),
        amounts=("rate_to_base",),
        refused=("rate_to_base",),
    ),
    "touchpoints": Rules(
        columns=_columns(
            "touchpoint_id account_id user_id kind direction is_two_way is_automated attended "
            "occurred_at loaded_at"
        ),
        key=("account_id", "touchpoint_id",),
        date=("occurred_at",),
        words={
            "kind": ("meeting", "email", "call", "webinar", "social"),
            "direction": ("inbound", "outbound"),
        },
        required=("kind",),
        flags=("is_automated",),
    ),
    "pulses": Rules(
        columns=_columns(
            "pulse_id account_id author_id value reason set_at expires_at loaded_at"
        ),
        key=("account_id", "pulse_id",),
        date=("set_at",),
        words={"value": ("green", "yellow", "red")},
        required=("author_id", "value", "reason", "expires_at"),
        period=("set_at", "expires_at"),
        refused=("value",),
    ),
    "success_goals": Rules(
        columns=_columns(
            "goal_id account_id objective status status_changed_at due_on achieved_at loaded_at"
        ),
        key=("account_id", "goal_id", "status_changed_at", "status"),
        date=("status_changed_at",),
        words={"status": ("planned", "in_progress", "achieved", "missed", "cancelled")},
    ),
    "advocacy_events": Rules(
        columns=_columns(
            "advocacy_event_id account_id user_id kind polarity occurred_at loaded_at"
        ),
        key=("account_id", "advocacy_event_id",),
        date=("occurred_at",),
        words={
            "kind": ("referral", "reference", "review"),
            "polarity": ("positive", "neutral", "negative"),
        },
        required=("kind", "polarity"),
    ),
    "churn_events": Rules(
        columns=_columns(
            "churn_event_id account_id notice_given_on ends_on reason_code loaded_at"
        ),
        key=("account_id", "churn_event_id",),
        date=("notice_given_on",),
        period=("notice_given_on", "ends_on"),
    ),
    "trainings": Rules(
        columns=_columns(
            "training_id account_id user_id course completed_at expires_at loaded_at"
        ),
        key=("account_id", "training_id",),
        date=("completed_at",),
        required=("course",),
        period=("completed_at", "expires_at"),
    ),
    "calendar_days": Rules(
        columns=_columns("region calendar_date kind name loaded_at"),
        key=("region", "calendar_date", "name"),
        date=("calendar_date",),
        may_be_future=True,
        account=None,
        words={"kind": ("holiday", "season")},
        required=("kind",),
    ),
}

# Lowest and highest answer of each kind of survey (the contract, survey_responses.kind).
SURVEY_SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}

# What staging writes in lower case without outer blanks.
LOWERED = ("kind", "status", "severity", "value", "polarity")


@dataclass
class Counts:
    """What became of one table's raw rows: raw = staged + all rejected + duplicates + conflicts."""

    raw: int = 0
    staged: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    conflicts: int = 0


@dataclass
class Clock:
    """Section 1: what the data says the time is."""

    day: date | None = None
    first_day: date | None = None
    last_complete_day: date | None = None


@dataclass
class Staged:
    """Staged rows per table (an empty list for a table that is off), counts, the clock, and which account
    a row counts for: rows have that account already, and by it its people."""

    rows: dict[str, list[dict]]
    counts: dict[str, Counts]
    clock: Clock
    on: set[str]
    load_days: dict[str, set[date]] = field(default_factory=dict)
    links: Links | None = None


def other_scales(responses: list[dict], checks: list[dict]) -> set[str]:
    """Kinds of surveys whose scores look as if they were on another scale."""
    scores: dict[str, list[Decimal]] = defaultdict(list)
    for row in responses:
        if row.get("score") is not None and row.get("kind") is not None:
            scores[word(row["kind"])].append(Decimal(str(row["score"])))
    found = set()
    for check in checks:
        of_kind = scores[check["kind"]] if check["source_id"] == "survey_responses" else []
        if not of_kind or len(of_kind) < int(check["min_rows"]):
            continue
        threshold, limit = Decimal(check["threshold"]), Decimal(check["share"]) * len(of_kind)
        if check["side"] == "above":
            beyond = len([score for score in of_kind if score > threshold])
        else:
            beyond = len([score for score in of_kind if score < threshold])
        if beyond >= limit if check["operator"] == "at_least" else beyond <= limit:
            found.add(check["kind"])
    return found


def stage(
    raw: dict[str, list[dict]],
    on: set[str],
    as_of_date: date | None = None,
    unit_checks: list[dict] | None = None,
) -> Staged:
    """Every table that is on, staged; a table that is off is an empty one."""
    raw = {table: [_given(row) for row in rows] for table, rows in raw.items()}
    clock = read_clock(raw.get("usage_events", []))
    staged = Staged({table: [] for table in TABLES}, {}, clock, set(on))
    known: dict[str, set] = {
        "other_scales": other_scales(raw.get("survey_responses", []), unit_checks or [])
    }
    for table, rules in TABLES.items():
        if table in on:
            rows, counts = _stage_table(table, rules, raw.get(table, []), clock, known)
            staged.rows[table] = rows
            staged.counts[table] = counts
            loads = [row.get("loaded_at") for row in raw.get(table, [])]
            staged.load_days[table] = {day_of(load) for load in loads if load is not None}
        if table == "accounts":
            known["account_id"] = {row["account_id"] for row in staged.rows[table]}
        if table == "products" and table in on:
            known["product_id"] = {row["product_id"] for row in staged.rows[table]}
        if table == "support_tickets":
            known["ticket_id"] = {(r["account_id"], r["ticket_id"]) for r in staged.rows[table]}
        if table == "invoices":
            known["invoice_id"] = {(r["account_id"], r["invoice_id"]) for r in staged.rows[table]}
        for column in {"ticket_id", "invoice_id"} & set(known):
            owners = known.setdefault(f"owners of {column}", defaultdict(list))
            if not owners:
                for account_id, thing in known[column]:
                    owners[thing].append(account_id)
    _count_for_others(staged, clock.last_complete_day if as_of_date is None else as_of_date)
    return staged


def _count_for_others(staged: Staged, today: date | None) -> None:
    """Give rows the account that they count for, and people that of each stretch of days."""
    links = Links(staged.rows["accounts"], staged.rows["subscriptions"], today)
    staged.links = links
    _find_our_own(staged)
    things = {
        column: {(row["account_id"], row[column]): row for row in staged.rows[table]}
        for column, table in (("ticket_id", "support_tickets"), ("invoice_id", "invoices"))
    }
    # They count where their ticket or invoice does; which it is, the numbers of now say.
    told_of = [
        (row, rules.account, things[rules.account][row["account_id"], row[rules.account]])
        for table, rules in TABLES.items()
        if rules.account in things
        for row in staged.rows[table]
    ]
    staged.rows["users"] = _people(staged.rows["users"], links)
    for table, rules in TABLES.items():
        if rules.account == "account_id" and table != "users":
            for row in staged.rows[table]:
                own, day = row["account_id"], row_date(row, rules)
                row["account_id"] = links.counts_for(own, day)
                for column in _numbered(table, rules):
                    row[column] = _number(links, table, own, day, row[column])
                if "user_id" in row:
                    row["user_id"] = links.person(own, day, row["user_id"])
                if table == "churn_events" and own in links.mergers:
                    row["merged_on"] = links.mergers[own].day


    for row, column, thing in told_of:
        row["account_id"], row[column] = thing["account_id"], thing[column]


def _numbered(table: str, rules: Rules) -> list[str]:
    """What an account numbers for itself."""
    return [column for column in (*rules.key, "merged_into_ticket_id") if column in rules.columns
            and column.endswith("_id") and column != "account_id"]  # fmt: skip


def _number(links: Links, table: str, own: str, day: date, number: str | None) -> str | None:
    """The number by itself, or behind its account where the row counts for another one."""
    if number is None or links.counts_for(own, day) == own:
        return number
    # A goal goes on under the new number of its account, as people do.
    return links.person(own, day, number) if table == "success_goals" else f"{own}/{number}"


def _find_our_own(staged: Staged) -> None:
    """Whether a person is one of us: by the account's own row, else by one without an account."""
    users = {(row["account_id"], row["user_id"]): row for row in staged.rows["users"]}
    for rows in staged.rows.values():
        for row in rows:
            if "user_id" in row:
                own = users.get((row["account_id"], row["user_id"]))
                row["is_ours"] = (
                    own["is_internal"] if own else (None, row["user_id"]) in users
                )


def _people(users: list[dict], links: Links) -> list[dict]:
    """Users of each account that they count for: they come and go with the stretches of days."""
    found: dict[tuple, list[dict]] = defaultdict(list)
    for row in users:
        if row["account_id"] is None:
            continue
        for first, last, account_id in links.stretches(row["account_id"]):
            created_on, left_on = day_of(row["created_at"]), day_of(row["left_at"])
            if (created_on or first) > last or (left_on or last) < first:
                continue
            person = {
                **row,
                "account_id": account_id,
                "user_id": links.person(row["account_id"], first, row["user_id"]),
                "own": account_id == row["account_id"],
            }
            if first > SINCE_EVER:
                person["created_at"] = max(created_on or first, first)
            if last < OPEN_END:
                person["left_at"] = min(left_on or last + ONE_DAY, last + ONE_DAY)
            found[account_id, person["user_id"]].append(person)
    people = []
    for rows in found.values():
        kept = max(rows, key=lambda row: (row["own"], _sortable(row["loaded_at"])))
        came = [row["created_at"] for row in rows]
        people.append({**kept, "created_at": None if None in came else min(came, key=day_of)})
    return people


def read_clock(events: list[dict]) -> Clock:
    """The clock's day, the first day and the last complete day, from raw usage events."""
    clock = Clock()
    event_days = set()
    latest = None
    for event in events:
        if event.get("event_id") is None or event.get("account_id") is None:
            continue
        occurred_at, loaded_at = event.get("occurred_at"), event.get("loaded_at")
        if occurred_at is None:
            continue
        if loaded_at is not None and day_of(occurred_at) > day_of(loaded_at):
            continue
        event_days.add(day_of(occurred_at))
        seen_at = naive_utc(loaded_at if loaded_at is not None else occurred_at)
        if latest is None or seen_at > latest:
            latest = seen_at
    if latest is not None:
        clock.day = latest.date()
        clock.first_day = min(event_days)
        clock.last_complete_day = max((day for day in event_days if day < clock.day), default=None)
    return clock


def _given(row: dict) -> dict:
    """Blanks around a text do not count; an empty text, and a number or date that cannot be, is a null."""
    trimmed = {}
    for column, value in row.items():
        if isinstance(value, str):
            value = value.strip(" ") or None
        elif isinstance(value, date):
            value = value if value.year >= 1900 else None
        elif value is not None and not abs(value) <= 999_999_999_999:
            value = None
        trimmed[column] = value
    return trimmed


def row_date(row: dict, rules: Rules) -> date | None:
    """The row's date: the first of the table's date columns that is not null."""
    for column in rules.date:
        if row.get(column) is not None:
            return day_of(row[column])
    return None


def _stage_table(
    table: str, rules: Rules, rows: list[dict], clock: Clock, known: dict[str, set]
) -> tuple[list[dict], Counts]:
    rejected: Counter = Counter()
    by_key: dict[tuple, list[dict]] = defaultdict(list)
    for row in rows:
        if table == "accounts" and row.get("valid_from") is None:
            row = {**row, "valid_from": SINCE_EVER}
        if table == "calendar_days" and row.get("name") is None:
            row = {**row, "name": "unnamed"}
        if "ends_before" in rules.columns:
            row = {**row, **_ends(row)}
        if table == "subscriptions":
            item = row.get("subscription_item_id") or row.get("product_id") or DEFAULT_PRODUCT
            row = {**row, "subscription_item_id": item}
        owners = _owners(rules, row, known)
        if len(owners) == 1:
            row = {**row, "account_id": owners[0]}
        reason = reject_reason(table, rules, row, clock, known)
        if reason is not None:
            rejected[reason] += 1
        else:
            cleaned = _cleaned(table, rules, row)
            by_key[tuple(cleaned[column] for column in rules.key)].append(cleaned)
    kept = [row for group in by_key.values() for row in _settled(rules, group)]
    if table == "subscriptions":
        _end_by_the_next_term(kept)
    different = sum(
        len({_without_load(rules, row) for row in group}) for group in by_key.values()
    )
    counts = Counts(
        raw=len(rows),
        staged=len(kept),
        rejected=dict(rejected),
        duplicates=len(rows) - sum(rejected.values()) - different,
        conflicts=different - len(kept),
    )
    return kept, counts


def _ends(row: dict) -> dict:
    """Last day and first day after it, each by the other; `is_end_disputed` where they do not agree."""
    last, after = day_of(row.get("ends_on")), day_of(row.get("ends_before"))
    return {
        "is_end_disputed": None not in (last, after) and last + ONE_DAY != after,
        "ends_on": last if last is not None else after and after - ONE_DAY,
        "ends_before": after if after is not None else last and last + ONE_DAY,
    }


def _end_by_the_next_term(terms: list[dict]) -> None:
    """Of one item the next term ends the one before it."""
    items: dict[tuple, list[dict]] = defaultdict(list)
    for row in terms:
        key = row["account_id"], row["subscription_id"], row["subscription_item_id"]
        items[key].append(row)
    for rows in items.values():
        rows.sort(key=lambda row: day_of(row["starts_on"]))
        for term, following in pairwise(rows):
            start = day_of(following["starts_on"])
            if term["ends_on"] is None or day_of(term["ends_on"]) >= start:
                term["ends_on"], term["ends_before"] = start - ONE_DAY, start


def _owners(rules: Rules, row: dict, known: dict[str, set]) -> list[str]:
    """Accounts that a row can belong to which names a ticket or invoice and no account."""
    if rules.account in (None, "account_id") or row.get("account_id") is not None:
        return []
    wanted = row.get(rules.account)
    return known.get(f"owners of {rules.account}", {}).get(wanted, [])


def _without_load(rules: Rules, row: dict) -> tuple:
    return tuple(_sortable(row[column]) for column in rules.columns if column != "loaded_at")


def _settled(rules: Rules, group: list[dict]) -> list[dict]:
    """The row of one key that is used, without what nobody knows; none where it must be known."""
    survivor = max(group, key=lambda row: _survival(rules, row))
    last = [
        row for row in group if row["loaded_at"] is None or row["loaded_at"] == survivor["loaded_at"]
    ]
    disputed = {
        column for column in rules.columns if len({_sortable(row[column]) for row in last}) > 1
    }
    if disputed & set(rules.refused):
        return []
    unknown = {column for column, by in rules.unknown.items() if disputed & set(by)}
    return [
        {column: None if column in unknown else value for column, value in survivor.items()}
    ]


def reject_reason(
    table: str, rules: Rules, row: dict, clock: Clock, known: dict[str, set]
) -> str | None:
    """The first reason of section 2 that applies, or None."""
    # A row without its account has a reason of its own, but for accounts.
    owner = {"account_id"} if rules.account else set()
    if any(row.get(column) is None for column in rules.key if column not in owner):
        return "missing_key"

    day = row_date(row, rules)
    if rules.date and day is None:
        return "missing_date"

    if rules.date and not rules.may_be_future:
        loaded_day = day_of(row.get("loaded_at"))
        limit = loaded_day if loaded_day is not None else clock.day
        if limit is not None and day > limit:
            return "future_date"

    if len(_owners(rules, row, known)) > 1:
        return "ambiguous_account"
    if rules.account is not None and not _has_owner(table, rules, row, known):
        return "unknown_account"

    if table in ("entitlements", "product_features") and "product_id" in known:
        if row.get("product_id") is not None and row["product_id"] not in known["product_id"]:
            return "unknown_product"

    for column, listed in rules.words.items():
        if row.get(column) is not None and word(row[column]) not in listed:
            return "invalid_value"
    if table == "survey_responses" and word(row.get("kind")) in known.get("other_scales", set()):
        return "invalid_value"
    scales = rules.scales
    if table == "survey_responses" and row.get("kind") is not None:
        scales = {"score": SURVEY_SCALES[word(row["kind"])]}
    for column, (lowest, highest) in scales.items():
        if row.get(column) is not None and not lowest <= row[column] <= highest:
            return "invalid_value"
    if row.get("is_end_disputed"):
        return "invalid_value"
    if rules.period is not None:
        start, end = (naive_utc(row.get(column)) for column in rules.period)
        if start is not None and end is not None and end < start:
            return "invalid_value"
    if any(row.get(column) == 0 for column in rules.above_zero):
        return "invalid_value"
    if any(row.get(column) is None for column in rules.required):
        return "invalid_value"

    if any(row.get(column) is not None and row[column] < 0 for column in rules.amounts):
        return "negative_amount"
    return None


def _has_owner(table: str, rules: Rules, row: dict, known: dict[str, set]) -> bool:
    if table == "users" and row.get("account_id") is None:
        return bool(row.get("is_internal"))
    thing = row.get("account_id")
    if rules.account != "account_id":
        thing = (thing, row.get(rules.account))
    return thing in known.get(rules.account, set())


def _survival(rules: Rules, row: dict) -> list[tuple]:
    """Sorts last for the row that survives: latest load, then largest values, null smallest."""
    return [_sortable(row.get("loaded_at"))] + [
        _sortable(row.get(column)) for column in rules.columns
    ]


def _sortable(value: object) -> tuple:
    if value is None:
        return (False,)
    if isinstance(value, (date, datetime)):
        return (True, naive_utc(value))
    if isinstance(value, (bool, int, float)):
        return (True, Decimal(str(int(value) if isinstance(value, bool) else value)))
    return (True, value)


def _cleaned(table: str, rules: Rules, row: dict) -> dict:
    clean = {column: row.get(column) for column in rules.columns}
    for column in LOWERED:
        if clean.get(column) is not None:
            clean[column] = word(clean[column])
    for column in rules.flags:
        clean[column] = bool(clean[column])
    if table in ("usage_events", "subscriptions") and clean["product_id"] is None:
        clean["product_id"] = DEFAULT_PRODUCT
    if table == "usage_events" and clean["quantity"] is None:
        clean["quantity"] = 1
    if table == "payments" and clean["status"] is None:
        clean["status"] = "succeeded"
    if clean.get("currency") is not None:
        clean["currency"] = clean["currency"].upper()
    return clean
