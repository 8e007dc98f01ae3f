"""The measures of section 4 of docs/scoring.md, counted straight from the rows of a window."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise

from .accounts import Accounts, currency_rates, shares
from .plain import ONE_DAY, Dated, day_of, days_between, exact, naive_utc, rounded, window, word
from .staging import TABLES, Staged, row_date

ONE_MINUTE = timedelta(minutes=1)


@dataclass
class Invoice:
    """An invoice with the first days at whose end it was settled and credited in full."""

    due_on: date
    settled_on: date | None
    credited_on: date | None
    amount: Decimal
    rate: Fraction | None
    paid: dict[date, list[Decimal]]
    credited: dict[date, list[Decimal]]


def surviving_tickets(rows: list[dict]) -> list[dict]:
    """One ticket where several of an account were merged: the one in which following the merges ends.

    A merge into a ticket that is not staged, or not of the account, is none. In a circle the smallest id stays.
    """
    tickets = {(row["account_id"], row["ticket_id"]): row for row in rows}

    def merged_into(key: tuple[str, str]) -> tuple[str, str] | None:
        into = key[0], tickets[key]["merged_into_ticket_id"]
        return into if into in tickets else None

    def circle(key: tuple[str, str]) -> list[tuple[str, str]]:
        """The tickets passed on the way back to this one; none where the way does not come back."""
        passed = [key]
        while (following := merged_into(passed[-1])) is not None and following not in passed:
            passed.append(following)
        return passed if following == key else []

    return [
        row
        for key, row in tickets.items()
        if merged_into(key) is None or key == min(circle(key), default=None)
    ]


# Of two at one moment the later in the list is the latest.
GOAL_STATUSES = ("planned", "in_progress", "achieved", "missed", "cancelled")


def first_day_reaching(changes: dict[date, list[Decimal]], amount: Decimal) -> date | None:
    """The first day on which the running total of the changes has reached the amount, refunds of a day last."""
    reached = Decimal(0)
    for day in sorted(changes):
        for change in sorted(changes[day], reverse=True):
            reached += change
            if reached >= amount:
                return day
    return None


class Facts:
    """Staged rows by account and day, so that a window is a loop over its days."""

    def __init__(
        self,
        staged: Staged,
        accounts: Accounts,
        severities: list[dict],
        survey_groups: list[dict],
        pulse_levels: list[dict],
        adoption: list[dict],
    ) -> None:
        self.accounts = accounts
        self.survey_groups = Dated(survey_groups, "kind")
        self.adoption = Dated(adoption, "product_id")
        self.entitlements = shares(staged, "entitlements")
        self._fact_days: dict[tuple[str, str, str], list[date]] = {}
        self.pulse_levels = Dated(pulse_levels, "value")
        self.pulses = _by_account_and_day(staged.rows["pulses"], "set_at")
        self.users = {(row["account_id"], row["user_id"]): row for row in staged.rows["users"]}
        words = Dated([{**row, "severity": word(row["severity"])} for row in severities], "severity")

        self.used_events = [
            row for row in staged.rows["usage_events"] if not self.is_ours(row)
        ]
        self.events = _by_account_and_day(self.used_events, "occurred_at")

        self.catalogue: dict[str, dict[str, bool]] = defaultdict(dict)
        self.features: dict[tuple[str, str], dict] = {}
        for row in staged.rows["product_features"]:
            self.catalogue[row["product_id"]][row["feature_key"]] = row["is_key_feature"]
            self.features[row["product_id"], row["feature_key"]] = row

        # The days and people of every feature, and each person's first day, from the beginning on.
        self.uses: dict[tuple, list[tuple[date, str | None]]] = defaultdict(list)
        self.first_days: dict[str, dict[str, date]] = defaultdict(dict)
        for row in self.used_events:
            day, user = day_of(row["occurred_at"]), row["user_id"]
            self.uses[row["account_id"], row["product_id"], row["feature_key"]].append((day, user))
            if user is not None:
                known = self.first_days[row["account_id"]]
                known[user] = min(day, known.get(user, day))

        tickets = surviving_tickets(staged.rows["support_tickets"])
        for ticket in tickets:
            said = words.row(ticket["severity"], day_of(ticket["opened_at"]))
            ticket["is_severe"] = said is not None and word(said["is_severe"]) == "true"
        self.tickets = _by_account_and_day(tickets, "opened_at")

        self.first_replies = _by_account_and_day(
            [row for row in tickets if row["first_responded_at"] is not None],
            "first_responded_at",
        )
        self.opened_at = {_key(row, "ticket_id"): row["opened_at"] for row in tickets}
        self.ticket_events = _by_account_and_day(
            [
                row
                for row in staged.rows["ticket_events"]
                if _key(row, "ticket_id") in self.opened_at
            ],
            "occurred_at",
        )

        self.trainings: dict[str, list[dict]] = defaultdict(list)
        for row in staged.rows["trainings"]:
            if not self.is_ours(row):
                self.trainings[row["account_id"]].append(row)
        self.goals: dict[str, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
        for row in staged.rows["success_goals"]:
            self.goals[row["account_id"]][row["goal_id"]].append(row)

        self.csat_answers = _by_account_and_day(
            [
                row
                for row in staged.rows["survey_responses"]
                if row["kind"] == "csat"
                and row["score"] is not None
                and row["responded_at"] is not None
            ],
            "responded_at",
        )

        self.people: dict[str, list[dict]] = defaultdict(list)
        for row in staged.rows["users"]:
            if not row["is_internal"]:
                self.people[row["account_id"]].append(row)
        self.contacts = _by_account_and_day(
            [
                row
                for row in staged.rows["touchpoints"]
                if not row["is_automated"] and not self.is_ours(row)
            ],
            "occurred_at",
        )
        self.advocacy = _by_account_and_day(
            [row for row in staged.rows["advocacy_events"] if row["polarity"] == "positive"],
            "occurred_at",
        )
        surveys = [
            row for row in staged.rows["survey_responses"] if not self.is_ours(row)
        ]
        self.surveys_sent = _by_account_and_day(
            [row for row in surveys if row["sent_at"] is not None], "sent_at"
        )
        self.answers = _by_account_and_day(
            [row for row in surveys if is_answered(row)], "responded_at"
        )
        self.news: dict[str, set[date]] = defaultdict(set)
        for keys in (("user_id",), ("product_id", "feature_key")):
            first: dict[tuple, date] = {}
            for row in self.used_events:
                what = row["account_id"], *(row[key] for key in keys)
                if what[-1] is not None:
                    when = day_of(row["occurred_at"])
                    first[what] = min(when, first.get(what, when))
            for what, when in first.items():
                self.news[what[0]].add(when)

        paid: dict[tuple, dict[date, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
        credited: dict[tuple, dict[date, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
        for row in staged.rows["payments"]:
            if row["status"] == "failed":
                continue
            day, amount = day_of(row["occurred_on"]), Decimal(str(row["amount"]))
            paid[_key(row, "invoice_id")][day].append(-amount if row["kind"] == "refund" else amount)
            if row["kind"] == "credit_note":
                credited[_key(row, "invoice_id")][day].append(amount)
        received = _received(staged)
        self.payments = _by_account_and_day(
            [
                row
                for row in staged.rows["payments"]
                if row["kind"] == "payment"
            ],
            "occurred_on",
        )
        rates = currency_rates(staged, accounts.base_currency)
        self.renewal_known: dict[str, list[dict]] = defaultdict(list)
        for row in staged.rows["subscriptions"]:
            if row["auto_renews"] is not None:
                self.renewal_known[row["account_id"]].append(row)
        self.invoices: dict[str, list[Invoice]] = defaultdict(list)
        for row in staged.rows["invoices"]:
            amount = Decimal(str(row["amount"]))
            if amount == 0:
                continue
            self.invoices[row["account_id"]].append(
                Invoice(
                    due_on=day_of(row["due_on"]),
                    settled_on=first_day_reaching(paid[_key(row, "invoice_id")], amount),
                    credited_on=first_day_reaching(credited[_key(row, "invoice_id")], amount),
                    amount=amount,
                    rate=rates[word(row["currency"])],
                    paid=received[_key(row, "invoice_id")],
                    credited=credited[_key(row, "invoice_id")],
                )
            )

    def survey_group(self, kind: str, score: object, day: date) -> dict | None:
        """The group of the kind, on the day of the answer, with the greatest lowest score that is not
        above the score."""
        groups = self.survey_groups.rows(kind, day)
        reached = [row for row in groups if exact(row["lowest_score"]) <= exact(score)]
        return max(reached, key=lambda row: exact(row["lowest_score"]), default=None)

    def value(
        self, measure: str, account_id: str, product_id: str, days: tuple[date, ...]
    ) -> Fraction | None:
        """One measure over the days of one window; None where it cannot be known.

        A level is read on the window's last day.
        """
        if measure not in MEASURES:
            raise ValueError(f"unknown measure '{measure}'")
        return exact(MEASURES[measure](self, account_id, product_id, days))

    def last_fact_day(
        self, measure: str, account_id: str, product_id: str, day: date
    ) -> date | None:
        """The last day up to `day` on which the measure counted anything."""
        key = measure, account_id, product_id
        if key not in self._fact_days:
            dated = (
                self.events, self.tickets, self.ticket_events, self.csat_answers,
                self.contacts, self.answers, self.surveys_sent, self.pulses,
            )  # fmt: skip
            days = {one for facts in dated for one in facts.get(account_id, {})}
            days |= {invoice.due_on for invoice in self.invoices.get(account_id, [])}
            self._fact_days[key] = [
                one for one in sorted(days) if self.value(measure, account_id, product_id, (one,))
            ]
        days = self._fact_days[key]
        number = bisect_right(days, day)
        return days[number - 1] if number else None

    def person(self, row: dict) -> dict:
        """What the account says of the person in a row; nothing where it has none of that id."""
        return self.users.get((row["account_id"], row["user_id"]), {})

    def is_ours(self, row: dict) -> bool:
        """Whether the person is one of us and not of the customer."""
        return row["is_ours"]

    def rows_on(self, facts: dict, account_id: str, days: tuple[date, ...]) -> list[dict]:
        """The account's rows on the days."""
        by_day = facts.get(account_id, {})
        return [row for day in days for row in by_day.get(day, [])]


def _key(row: dict, column: str) -> tuple:
    """What is numbered by each account for itself."""
    return row["account_id"], row[column]


def _received(staged: Staged) -> dict[tuple, dict[date, list[Decimal]]]:
    """Payments, and refunds below zero, of each invoice by day, without credit notes."""
    received: dict[tuple, dict[date, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for row in staged.rows["payments"]:
        if row["status"] != "failed" and row["kind"] in ("payment", "refund"):
            amount = Decimal(str(row["amount"]))
            sign = -1 if row["kind"] == "refund" else 1
            received[_key(row, "invoice_id")][day_of(row["occurred_on"])].append(sign * amount)
    return received


def _by_account_and_day(rows: list[dict], column: str) -> dict[str, dict[date, list[dict]]]:
    indexed: dict[str, dict[date, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        indexed[row["account_id"]][day_of(row[column])].append(row)
    return indexed


def events(facts, account_id, product_id, days):
    return len(facts.rows_on(facts.events, account_id, days))


def active_days(facts, account_id, product_id, days):
    return len({day_of(e["occurred_at"]) for e in facts.rows_on(facts.events, account_id, days)})


def active_users(facts, account_id, product_id, days):
    used = facts.rows_on(facts.events, account_id, days)
    return len({event["user_id"] for event in used if event["user_id"] is not None})


def user_days(facts, account_id, product_id, days):
    used = facts.rows_on(facts.events, account_id, days)
    return len(
        {(e["user_id"], day_of(e["occurred_at"])) for e in used if e["user_id"] is not None}
    )


def features_used(facts, account_id, product_id, days):
    catalogue = facts.catalogue.get(product_id, {})
    used = facts.rows_on(facts.events, account_id, days)
    return len(
        {
            event["feature_key"]
            for event in used
            if event["product_id"] == product_id and event["feature_key"] in catalogue
        }
    )


def key_features_used(facts, account_id, product_id, days):
    catalogue = facts.catalogue.get(product_id, {})
    used = facts.rows_on(facts.events, account_id, days)
    return len(
        {
            event["feature_key"]
            for event in used
            if event["product_id"] == product_id and catalogue.get(event["feature_key"], False)
        }
    )


def features_available(facts, account_id, product_id, days):
    return len(facts.catalogue.get(product_id, {}))


def key_features_available(facts, account_id, product_id, days):
    return len([key for key, is_key in facts.catalogue.get(product_id, {}).items() if is_key])


def _of_people(facts, account_id, days):
    used = facts.rows_on(facts.events, account_id, days)
    return [event for event in used if event["user_id"] is not None]


def _of_catalogue(facts, account_id, product_id, days):
    """Events on features of the product's catalogue, with the feature's row."""
    return [
        (event, facts.features[product_id, event["feature_key"]])
        for event in facts.rows_on(facts.events, account_id, days)
        if event["product_id"] == product_id and (product_id, event["feature_key"]) in facts.features
    ]


def user_events(facts, account_id, product_id, days):
    return len(_of_people(facts, account_id, days))


def _minutes_of_days(facts, account_id, days):
    """Product, day and minutes of every person's day in a product with a duration, to two places."""
    seconds: dict[tuple, int] = defaultdict(int)
    for event in _of_people(facts, account_id, days):
        if event["duration_seconds"] is not None:
            key = event["product_id"], event["user_id"], day_of(event["occurred_at"])
            seconds[key] += event["duration_seconds"]
    return [(key[0], key[2], _in_minutes(total)) for key, total in seconds.items()]


@cache
def _in_minutes(seconds):
    return exact(rounded(Fraction(seconds, 60), 2))


def minutes(facts, account_id, product_id, days):
    return sum((one for *_, one in _minutes_of_days(facts, account_id, days)), Fraction(0))


def steady_minutes(facts, account_id, product_id, days):
    total = Fraction(0)
    for product, day, spent in _minutes_of_days(facts, account_id, days):
        limits = _limits_of_use(facts, product, day)
        total += min(spent, Fraction(int(limits["steady_minutes"])))
    return total


def failures(facts, account_id, product_id, days):
    return sum(e["error_count"] or 0 for e in facts.rows_on(facts.events, account_id, days))


def new_users(facts, account_id, product_id, days):
    first_days = facts.first_days.get(account_id, {}).values()
    return len([day for day in first_days if days[0] <= day <= days[-1]])


def _is_adopted(facts, account_id, product_id, feature_key, day):
    """Enough uses by enough people, by the limits of that day, at the end of this day or an earlier one."""
    uses = [one for one in facts.uses[account_id, product_id, feature_key] if one[0] <= day]
    begun = [
        since
        for one in (product_id, "any")
        for since in facts.adoption.first_days(one)
        if since <= day
    ]
    for then in {*begun, *(when for when, _ in uses)}:
        so_far = [one for one in uses if one[0] <= then]
        people = {user for _, user in so_far if user is not None}
        limits = _limits_of_use(facts, product_id, then)
        if len(so_far) >= int(limits["min_uses"]) and len(people) >= int(limits["min_users"]):
            return True
    return False


def _limits_of_use(facts, product_id, day):
    return facts.adoption.row(product_id, day) or facts.adoption.row("any", day)


def adopted_features(facts, account_id, product_id, days):
    last_use: dict[str, date] = {}
    for event, _ in _of_catalogue(facts, account_id, product_id, days):
        day = day_of(event["occurred_at"])
        last_use[event["feature_key"]] = max(day, last_use.get(event["feature_key"], day))
    # What is adopted stays adopted, so the last use in the window is the one to look at.
    return len(
        [
            feature
            for feature, day in last_use.items()
            if _is_adopted(facts, account_id, product_id, feature, day)
        ]
    )


def modules_used(facts, account_id, product_id, days):
    used = _of_catalogue(facts, account_id, product_id, days)
    return len({feature["module"] for _, feature in used} - {None})


def modules_available(facts, account_id, product_id, days):
    features = [row for (product, _), row in facts.features.items() if product == product_id]
    return len({row["module"] for row in features} - {None})


def graded_feature_events(facts, account_id, product_id, days):
    features = [row for (product, _), row in facts.features.items() if product == product_id]
    if not any(row["is_advanced"] for row in features):
        return 0
    return len(_of_catalogue(facts, account_id, product_id, days))


def advanced_feature_events(facts, account_id, product_id, days):
    used = _of_catalogue(facts, account_id, product_id, days)
    return len([event for event, feature in used if feature["is_advanced"]])


def _entitled_on(facts, account_id, day):
    entitled = facts.accounts.entitled_days.get(account_id, {})
    return {product for product, entitled_days in entitled.items() if day in entitled_days}


def _first_of_stretch(facts, account_id, product_id, day):
    age = facts.accounts.product_ages[account_id][product_id][day]
    return day - (age - 1) * ONE_DAY


def products_used(facts, account_id, product_id, days):
    used = facts.rows_on(facts.events, account_id, days)
    last_day = days[-1]
    return len(
        {
            event["product_id"]
            for event in used
            if event["product_id"] in _entitled_on(facts, account_id, last_day)
            and day_of(event["occurred_at"])
            >= _first_of_stretch(facts, account_id, event["product_id"], last_day)
        }
    )


def products_entitled(facts, account_id, product_id, days):
    entitled = len(_entitled_on(facts, account_id, days[-1]))
    return entitled if entitled > 1 else 0


def product_users(facts, account_id, product_id, days):
    used = _of_people(facts, account_id, days)
    return len({event["user_id"] for event in used if event["product_id"] == product_id})


def entitled_seats(facts, account_id, product_id, days):
    return sum(
        row["seats"]
        for row in facts.entitlements
        if (row["account_id"], row["product_id"]) == (account_id, product_id)
        and row["seats"] is not None
        and day_of(row["starts_on"]) <= days[-1]
        and (row["ends_on"] is None or days[-1] <= day_of(row["ends_on"]))
    )


def tickets_opened(facts, account_id, product_id, days):
    return len(facts.rows_on(facts.tickets, account_id, days))


def severe_tickets(facts, account_id, product_id, days):
    return len([t for t in facts.rows_on(facts.tickets, account_id, days) if t["is_severe"]])


def repeat_topics(facts, account_id, product_id, days):
    tickets_of_topic: dict[str, int] = defaultdict(int)
    for ticket in facts.rows_on(facts.tickets, account_id, days):
        if ticket["topic"] is not None:
            tickets_of_topic[ticket["topic"]] += 1
    return len([topic for topic, count in tickets_of_topic.items() if count >= 2])


def _tickets_with(facts, account_id, days, status):
    changes = facts.rows_on(facts.ticket_events, account_id, days)
    return len({change["ticket_id"] for change in changes if change["status"] == status})


def tickets_resolved(facts, account_id, product_id, days):
    return _tickets_with(facts, account_id, days, "resolved")


def tickets_reopened(facts, account_id, product_id, days):
    return _tickets_with(facts, account_id, days, "reopened")


def how_to_tickets(facts, account_id, product_id, days):
    return len([t for t in facts.rows_on(facts.tickets, account_id, days) if t["kind"] == "how_to"])


def how_to_or_defect_tickets(facts, account_id, product_id, days):
    opened = facts.rows_on(facts.tickets, account_id, days)
    return len([ticket for ticket in opened if ticket["kind"] in ("how_to", "defect")])


def ticket_sentiment(facts, account_id, product_id, days):
    opened = facts.rows_on(facts.tickets, account_id, days)
    tones = [exact(ticket["sentiment"]) for ticket in opened if ticket["sentiment"] is not None]
    return 100 * sum(tones, Fraction(0))


def tickets_with_sentiment(facts, account_id, product_id, days):
    opened = facts.rows_on(facts.tickets, account_id, days)
    return len([ticket for ticket in opened if ticket["sentiment"] is not None])


def hours(earlier, later) -> Decimal:
    """Minutes of the clock as hours, to the hundredth; none where the later moment is earlier."""
    earlier, later = (naive_utc(one).replace(second=0, microsecond=0) for one in (earlier, later))
    minutes = max((later - earlier) // ONE_MINUTE, 0)
    return rounded(Fraction(minutes, 60), 2)


def first_response_hours(facts, account_id, product_id, days):
    replied = facts.rows_on(facts.first_replies, account_id, days)
    return sum(hours(ticket["opened_at"], ticket["first_responded_at"]) for ticket in replied)


def tickets_responded(facts, account_id, product_id, days):
    return len(facts.rows_on(facts.first_replies, account_id, days))


def resolution_hours(facts, account_id, product_id, days):
    resolved_at: dict[tuple, datetime] = {}
    for change in facts.rows_on(facts.ticket_events, account_id, days):
        if change["status"] == "resolved":
            ticket_id, moment = _key(change, "ticket_id"), naive_utc(change["occurred_at"])
            resolved_at[ticket_id] = max(moment, resolved_at.get(ticket_id, moment))
    return sum(hours(facts.opened_at[ticket], moment) for ticket, moment in resolved_at.items())


def csat_score(facts, account_id, product_id, days):
    answers = facts.rows_on(facts.csat_answers, account_id, days)
    return sum((exact(answer["score"]) for answer in answers), Fraction(0))


def csat_responses(facts, account_id, product_id, days):
    return len(facts.rows_on(facts.csat_answers, account_id, days))


def is_answered(survey):
    return survey["score"] is not None and survey["responded_at"] is not None


def is_held(contact):
    """A meeting of which nothing says that nobody came."""
    return contact["kind"] == "meeting" and contact["attended"] is not False


def is_two_way(contact):
    return is_held(contact) if contact["is_two_way"] is None else contact["is_two_way"]


def is_engaged(contact):
    return is_two_way(contact) or contact["attended"] or contact["direction"] == "inbound"


def _contacts(facts, account_id, days, condition):
    return [row for row in facts.rows_on(facts.contacts, account_id, days) if condition(row)]


def two_way_contacts(facts, account_id, product_id, days):
    return len(_contacts(facts, account_id, days, is_two_way))


def meetings_held(facts, account_id, product_id, days):
    return len(_contacts(facts, account_id, days, is_held))


def invitations(facts, account_id, product_id, days):
    return len(_contacts(facts, account_id, days, lambda row: row["attended"] is not None))


def invitations_attended(facts, account_id, product_id, days):
    return len(_contacts(facts, account_id, days, lambda row: row["attended"] is True))


def marketing_interactions(facts, account_id, product_id, days):
    engaged = _contacts(facts, account_id, days, is_engaged)
    return len([row for row in engaged if row["kind"] in ("email", "webinar", "social")])


def engaged_contacts(facts, account_id, product_id, days):
    return len({row["user_id"] for row in _contacts(facts, account_id, days, is_engaged)} - {None})


def engaged_roles(facts, account_id, product_id, days):
    engaged = _contacts(facts, account_id, days, is_engaged)
    return len({word(facts.person(row).get("role")) for row in engaged} - {None})


def sponsor_contacts(facts, account_id, product_id, days):
    spoken = _contacts(facts, account_id, days, is_two_way)
    return len([row for row in spoken if facts.person(row).get("is_executive_sponsor")])


def _is_present(person, day):
    """At the end of the day."""
    created, left = day_of(person["created_at"]), day_of(person["left_at"])
    return (created is None or created <= day) and (left is None or left > day)


def _holders(facts, account_id, flag):
    return [person for person in facts.people.get(account_id, []) if person[flag]]


def _left(facts, account_id, days, flag):
    left = [day_of(person["left_at"]) for person in _holders(facts, account_id, flag)]
    return len([day for day in left if day is not None and days[0] <= day <= days[-1]])


def _gone(facts, account_id, day, flag):
    """Who left up to the day, without anybody of the same flag on any day since."""
    holders = _holders(facts, account_id, flag)
    gone = 0
    for person in holders:
        left = day_of(person["left_at"])
        if left is not None and left <= day:
            since = days_between(left, day)
            gone += not any(_is_present(other, one) for other in holders for one in since)
    return gone


def sponsors_on_record(facts, account_id, product_id, days):
    holders = _holders(facts, account_id, "is_executive_sponsor")
    return len([person for person in holders if _is_present(person, days[-1])])


def sponsors_left(facts, account_id, product_id, days):
    return _left(facts, account_id, days, "is_executive_sponsor")


def sponsors_gone(facts, account_id, product_id, days):
    return _gone(facts, account_id, days[-1], "is_executive_sponsor")


def champions_left(facts, account_id, product_id, days):
    return _left(facts, account_id, days, "is_champion")


def champions_gone(facts, account_id, product_id, days):
    return _gone(facts, account_id, days[-1], "is_champion")


def advocacy_events(facts, account_id, product_id, days):
    return len(facts.rows_on(facts.advocacy, account_id, days))


def referrals(facts, account_id, product_id, days):
    told = facts.rows_on(facts.advocacy, account_id, days)
    return len([row for row in told if row["kind"] == "referral"])


def signs_of_life(facts, account_id, product_id, days):
    return len(
        [
            day
            for day in days
            if _contacts(facts, account_id, (day,), is_engaged)
            or facts.rows_on(facts.tickets, account_id, (day,))
            or day in facts.news.get(account_id, set())
        ]
    )


def _latest_answers(facts, account_id, days, kind):
    """The latest answer of each person in the window; one without a name is a person.

    Of two at one moment it is the lower one.
    """
    latest = {}
    answers = [row for row in facts.rows_on(facts.answers, account_id, days) if row["kind"] == kind]
    for row in sorted(answers, key=lambda row: (row["responded_at"], -exact(row["score"]))):
        latest[row["user_id"] or ("nameless", row["response_id"])] = row
    return list(latest.values())


def _sum_of_scores(facts, account_id, days, kind):
    answers = _latest_answers(facts, account_id, days, kind)
    return sum((exact(row["score"]) for row in answers), Fraction(0))


def nps_points(facts, account_id, product_id, days):
    groups = (
        facts.survey_group("nps", row["score"], day_of(row["responded_at"]))
        for row in _latest_answers(facts, account_id, days, "nps")
    )
    return sum((exact(group["points"]) for group in groups), Fraction(0))


def nps_responses(facts, account_id, product_id, days):
    return len(_latest_answers(facts, account_id, days, "nps"))


def latest_csat_score(facts, account_id, product_id, days):
    return _sum_of_scores(facts, account_id, days, "csat")


def latest_csat_responses(facts, account_id, product_id, days):
    return len(_latest_answers(facts, account_id, days, "csat"))


def ces_score(facts, account_id, product_id, days):
    return _sum_of_scores(facts, account_id, days, "ces")


def ces_responses(facts, account_id, product_id, days):
    return len(_latest_answers(facts, account_id, days, "ces"))


def surveys_sent(facts, account_id, product_id, days):
    return len(facts.rows_on(facts.surveys_sent, account_id, days))


def surveys_answered(facts, account_id, product_id, days):
    sent = facts.rows_on(facts.surveys_sent, account_id, days)
    return len([row for row in sent if is_answered(row) and day_of(row["responded_at"]) <= days[-1]])


def _due(facts, account_id, days):
    return [
        invoice
        for invoice in facts.invoices.get(account_id, [])
        if days[0] <= invoice.due_on <= days[-1]
        and not (invoice.credited_on is not None and invoice.credited_on <= days[-1])
    ]


def invoices_due(facts, account_id, product_id, days):
    return len(_due(facts, account_id, days))


def invoices_paid_on_time(facts, account_id, product_id, days):
    return len(
        [
            invoice
            for invoice in _due(facts, account_id, days)
            if invoice.settled_on is not None and invoice.settled_on <= invoice.due_on
        ]
    )


def _collectible(facts, account_id, days):
    """Invoices due in the window with what is collectible of them on its last day."""
    found = []
    for invoice in facts.invoices.get(account_id, []):
        if not days[0] <= invoice.due_on <= days[-1] or invoice.rate is None:
            continue
        credited = sum(sum(amounts) for day, amounts in invoice.credited.items() if day <= days[-1])
        if invoice.amount > credited:
            found.append((invoice, invoice.amount - credited))
    return found


def amount_due(facts, account_id, product_id, days):
    return sum(
        rounded(exact(amount) * invoice.rate, 2)
        for invoice, amount in _collectible(facts, account_id, days)
    )


def amount_days_late(facts, account_id, product_id, days):
    late = Decimal(0)
    for invoice, amount in _collectible(facts, account_id, days):
        collected_on = first_day_reaching(invoice.paid, amount)
        if collected_on is None or collected_on > days[-1]:
            collected_on = days[-1]
        days_late = max((collected_on - invoice.due_on).days, 0)
        late += rounded(exact(amount) * invoice.rate, 2) * days_late
    return late


def payment_attempts(facts, account_id, product_id, days):
    return len(facts.rows_on(facts.payments, account_id, days))


def failed_payments(facts, account_id, product_id, days):
    attempts = facts.rows_on(facts.payments, account_id, days)
    return len([payment for payment in attempts if payment["status"] == "failed"])


def _renewal_known(facts, account_id, day):
    return [
        row
        for row in facts.renewal_known.get(account_id, [])
        if day_of(row["starts_on"]) <= day
        and (row["ends_on"] is None or day <= day_of(row["ends_on"]))
    ]


def subscriptions_with_renewal_known(facts, account_id, product_id, days):
    return len(_renewal_known(facts, account_id, days[-1]))


def subscriptions_auto_renewing(facts, account_id, product_id, days):
    return len([row for row in _renewal_known(facts, account_id, days[-1]) if row["auto_renews"]])


def _renewals(facts, account_id, days):
    """Days with a renewal ahead, and that renewal; only paid days have one."""
    as_of_days = [facts.accounts.as_of(account_id, day) for day in days]
    return [one for one in as_of_days if one is not None and one.renewal_date is not None]


def renewals_ahead(facts, account_id, product_id, days):
    return len(_renewals(facts, account_id, days))


def days_to_renewal(facts, account_id, product_id, days):
    return sum((one.renewal_date - one.day).days for one in _renewals(facts, account_id, days))


def churn_notices(facts, account_id, product_id, days):
    day = days[-1]
    came_back = {
        paid_day - (age - 1) * ONE_DAY
        for paid_day, (_, age) in facts.accounts.spells.get(account_id, {}).items()
        if paid_day <= day
    }
    in_force = 0
    for event in facts.accounts.churn_events.get(account_id, []):
        given_on, ends_on = day_of(event["notice_given_on"]), day_of(event["ends_on"])
        if given_on > day:
            continue
        if ends_on is not None:
            in_force += day <= ends_on
        else:
            in_force += not any(given_on < first_day for first_day in came_back)
    return in_force


def _overdue_age(facts, account_id, day):
    open_and_past_due = [
        invoice
        for invoice in facts.invoices.get(account_id, [])
        if invoice.due_on < day
        and not (invoice.settled_on is not None and invoice.settled_on <= day)
    ]
    return max(((day - invoice.due_on).days for invoice in open_and_past_due), default=0)


def overdue_age_days(facts, account_id, product_id, days):
    return sum(_overdue_age(facts, account_id, day) for day in days)


def recurring_revenue(facts, account_id, product_id, days):
    return facts.accounts.revenue(account_id, days[-1])


def subscriptions_in_force(facts, account_id, product_id, days):
    return len(facts.accounts.covering(account_id, days[-1]))


def subscriptions_under_notice(facts, account_id, product_id, days):
    covering = facts.accounts.covering(account_id, days[-1])
    return len([period for period in covering if period.under_notice(days[-1])])


def _pulse_in_force(facts, account_id, day):
    """Of the pulses set on or before the day that expire on a later day, the one set last."""
    in_force = [
        pulse
        for pulses in facts.pulses.get(account_id, {}).values()
        for pulse in pulses
        if day_of(pulse["set_at"]) <= day < day_of(pulse["expires_at"])
    ]
    return max(
        in_force,
        key=lambda pulse: (
            naive_utc(pulse["set_at"]), -_level(facts, pulse), pulse["pulse_id"]
        ),
        default=None,
    )  # fmt: skip


def _level(facts, pulse):
    return exact(facts.pulse_levels.row(pulse["value"], day_of(pulse["set_at"]))["level"])


def pulse_level(facts, account_id, product_id, days):
    pulse = _pulse_in_force(facts, account_id, days[-1])
    return 0 if pulse is None else _level(facts, pulse)


def pulses_in_force(facts, account_id, product_id, days):
    return 0 if _pulse_in_force(facts, account_id, days[-1]) is None else 1


def trainings_valid(facts, account_id, product_id, days):
    latest: dict[tuple, dict] = {}
    for training in facts.trainings.get(account_id, []):
        if day_of(training["completed_at"]) > days[-1]:
            continue
        person = ("user", training["user_id"])
        if training["user_id"] is None:
            person = ("unknown", training["training_id"])
        key = person, training["course"]
        if key not in latest or _completed(training) > _completed(latest[key]):
            latest[key] = training
    return len(
        [
            training
            for training in latest.values()
            if not _is_over(day_of(training["expires_at"]), days[-1])
            and not _is_over(day_of(facts.person(training).get("left_at")), days[-1])
        ]
    )


def _completed(training):
    expires_at = naive_utc(training["expires_at"]) or datetime.max
    return naive_utc(training["completed_at"]), expires_at, training["training_id"]


def _is_over(last_moment_on: date | None, day: date) -> bool:
    return last_moment_on is not None and last_moment_on <= day


def _plan(facts, account_id, days):
    """The latest status of every goal that is in the plan."""
    plan = []
    for changes in facts.goals.get(account_id, {}).values():
        rows = [r for r in changes if day_of(r["status_changed_at"]) <= days[-1]]
        if not rows:
            continue
        latest = max(
            rows,
            key=lambda row: (naive_utc(row["status_changed_at"]), GOAL_STATUSES.index(row["status"])),
        )
        is_open = latest["status"] in ("planned", "in_progress")
        has_ended = latest["status"] in ("achieved", "missed")
        if is_open or (has_ended and day_of(latest["status_changed_at"]) >= days[0]):
            plan.append(latest)
    return plan


def goals_planned(facts, account_id, product_id, days):
    return len(_plan(facts, account_id, days))


def goals_on_track(facts, account_id, product_id, days):
    return len(
        [
            goal
            for goal in _plan(facts, account_id, days)
            if goal["status"] == "achieved"
            or (
                goal["status"] != "missed"
                and (goal["due_on"] is None or day_of(goal["due_on"]) >= days[-1])
            )
        ]
    )


MEASURES: dict[str, Callable] = {
    measure.__name__: measure
    for measure in (
        events,
        active_days,
        active_users,
        user_days,
        features_used,
        key_features_used,
        features_available,
        key_features_available,
        user_events,
        minutes,
        steady_minutes,
        failures,
        new_users,
        adopted_features,
        modules_used,
        modules_available,
        graded_feature_events,
        advanced_feature_events,
        products_used,
        products_entitled,
        product_users,
        entitled_seats,
        tickets_opened,
        severe_tickets,
        repeat_topics,
        tickets_resolved,
        tickets_reopened,
        trainings_valid,
        goals_planned,
        goals_on_track,
        how_to_tickets,
        how_to_or_defect_tickets,
        ticket_sentiment,
        tickets_with_sentiment,
        first_response_hours,
        tickets_responded,
        resolution_hours,
        csat_score,
        csat_responses,
        invoices_due,
        invoices_paid_on_time,
        overdue_age_days,
        amount_due,
        amount_days_late,
        payment_attempts,
        failed_payments,
        subscriptions_with_renewal_known,
        subscriptions_auto_renewing,
        renewals_ahead,
        days_to_renewal,
        churn_notices,
        recurring_revenue,
        subscriptions_in_force,
        subscriptions_under_notice,
        two_way_contacts,
        meetings_held,
        invitations,
        invitations_attended,
        marketing_interactions,
        engaged_contacts,
        engaged_roles,
        sponsor_contacts,
        sponsors_on_record,
        sponsors_left,
        sponsors_gone,
        champions_left,
        champions_gone,
        advocacy_events,
        referrals,
        signs_of_life,
        nps_points,
        nps_responses,
        latest_csat_score,
        latest_csat_responses,
        ces_score,
        ces_responses,
        surveys_sent,
        surveys_answered,
        pulse_level,
        pulses_in_force,
    )
}


class SourceDates:
    """The dated rows of one source: how many on each day, and when each account first had one."""

    def __init__(
        self,
        dated_rows: list[tuple[str, date]],
        limits: Callable[[date], dict],
        paid_days: dict[str, set[date]],
        load_days: set[date],
    ) -> None:
        self.limits = limits
        self.load_days = load_days
        self.rows_on: dict[date, int] = defaultdict(int)
        self.known_since: dict[str, date] = {}
        for account_id, day in dated_rows:
            # Only what it says of customers makes a source begin and sets its rate.
            if day in paid_days.get(account_id, set()):
                self.rows_on[day] += 1
            self.known_since[account_id] = min(day, self.known_since.get(account_id, day))
        self.first_day = min(self.rows_on, default=None)
        self._late: dict[date, bool] = {}
        self._late_too_often: dict[tuple[date, ...], bool] = {}

    def is_late(self, day: date) -> bool:
        """Rule 6: too long since the last row for a source of this rate."""
        if day not in self._late:
            self._late[day] = self._count_late(day)
        return self._late[day]

    def _count_late(self, day: date) -> bool:
        if self.first_day is None or day < self.first_day:
            return False
        last_day = day
        while last_day not in self.rows_on:
            last_day -= ONE_DAY
        days_passed = (day - last_day).days
        limits = self.limits(day)
        if days_passed < max(int(limits["late_after_days"]), self._usual_silence(last_day, limits)):
            return False
        learnt = window(last_day, int(limits["rate_window_days"]))
        rate_days = min(len(learnt), (last_day - self.first_day).days + 1)
        rows = sum(self.rows_on.get(d, 0) for d in learnt)
        return Fraction(rows, rate_days) * days_passed >= exact(limits["late_after_rows"])

    def _usual_silence(self, last_day: date, limits: dict) -> Fraction:
        """Rule 6: the days that may pass at the source's own rhythm, by what came up to the day."""
        usual = 0
        for delivered in (self.rows_on, self.load_days):
            days = sorted(day for day in delivered if day <= last_day)
            learnt = window(last_day, int(limits["rate_window_days"]))
            gaps = sorted(
                (later - earlier).days
                for earlier, later in pairwise(days)
                if later in learnt
            )
            kept = gaps[: int(exact(limits["usual_gap_share"]) * len(gaps))]
            usual = max([usual, *kept])
        return exact(limits["gap_tolerance"]) * usual

    def is_late_too_often(self, span: tuple[date, ...]) -> bool:
        """Rule 6: late on the span's last day or on too large a share of its days."""
        if span not in self._late_too_often:
            late_days = len([day for day in span if self.is_late(day)])
            share = Fraction(late_days, len(span))
            most = exact(self.limits(span[-1])["max_late_share"])
            self._late_too_often[span] = self.is_late(span[-1]) or share > most
        return self._late_too_often[span]


def dated_rows(source_id: str, staged: Staged, facts: Facts) -> list[tuple[str, date]] | None:
    """Account and date of every row of a source; None for an undated source (section 5, end).

    A source `table.column` is the table's rows in which the column is filled.
    """
    table, _, column = source_id.partition(".")
    rules = TABLES[table]
    if not rules.date and table != "users":
        return None
    dated = []
    for row in facts.used_events if table == "usage_events" else staged.rows[table]:
        if table == "survey_responses" and column in ("nps", "csat", "ces"):
            if row["kind"] != column or row["score"] is None:
                continue
        elif column and row[column] is None:
            continue
        when = row_date(row, rules) if rules.date else day_of(row["created_at"])
        if table == "survey_responses":
            when = day_of(row["sent_at" if column == "sent_at" else "responded_at"])
        if when is None:
            continue
        if source_id == "subscriptions.notice_given_on":
            when = day_of(row["notice_given_on"])
        # One of our own people belongs to no account.
        if row["account_id"] is not None:
            dated.append((row["account_id"], when))
    return dated
