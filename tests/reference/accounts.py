"""Accounts as of a date: section 3 of docs/scoring.md, one account and one day at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .plain import OPEN_END, Dated, day_of, days_between, exact, rounded, seed_date, window, word
from .staging import Staged

STAGES = (
    "trial", "onboarding", "adopted", "renewal", "notice_given", "churned", "reactivated",
)  # fmt: skip


@dataclass
class Period:
    """One staged subscription period; revenue is in constant currency.

    It is None where no price is given, and where one is given that cannot be compared (`is_revenue_unknown`).
    """

    product_id: str
    first_day: date
    last_day: date
    seats: int | None
    revenue: Decimal | None
    is_revenue_unknown: bool
    renewal_date: date | None
    is_trial: bool
    notice_given_on: date | None

    def covers(self, day: date) -> bool:
        """Both ends are paid days."""
        return self.first_day <= day <= self.last_day

    def under_notice(self, day: date) -> bool:
        """Notice was given on or before the day."""
        return self.notice_given_on is not None and self.notice_given_on <= day


@dataclass
class AsOf:
    """One account on one paid day. `shares` is the revenue share of each entitled product."""

    account_id: str
    day: date
    attributes: dict
    seats: int | None
    recurring_revenue: Decimal | None
    renewal_date: date | None
    tenure_days: int
    spell_number: int
    spell_age: int
    lifecycle_stage: str
    product_ages: dict[str, int]
    shares: dict[str, Fraction]
    average_seats: Fraction | None = None

    @property
    def spell_starts_on(self) -> date:
        return self.day - timedelta(days=self.spell_age - 1)

    def attribute(self, name: str) -> object:
        """An attribute as segments and scales name it: derived ones first, then the account row."""
        derived = {
            "seats": self.seats,
            "average_seats": self.average_seats,
            "recurring_revenue": self.recurring_revenue,
            "renewal_date": self.renewal_date,
            "tenure_days": self.tenure_days,
            "spell_age_days": self.spell_age,
            "lifecycle_stage": self.lifecycle_stage,
            "account_id": self.account_id,
        }
        if name in derived:
            return derived[name]
        if name in self.attributes:
            return self.attributes[name]
        raise ValueError(f"unknown attribute '{name}'")


def currency_rates(staged: Staged, base_currency: str | None) -> dict[str | None, Fraction | None]:
    """What one unit of each currency is worth; None where that is not known. The key None: no currency."""
    amounts = [(row["currency"], row["monthly_recurring_revenue"]) for row in staged.rows["subscriptions"]]
    amounts += [(row["currency"], row["amount"]) for row in staged.rows["invoices"]]
    currencies = {word(currency) for currency, amount in amounts if currency is not None and amount}
    earliest: dict[str, tuple[date, Fraction]] = {}
    for row in staged.rows["exchange_rates"]:
        currency, valid_from = word(row["currency"]), day_of(row["valid_from"])
        if currency not in earliest or valid_from < earliest[currency][0]:
            earliest[currency] = (valid_from, exact(row["rate_to_base"]))
    rates: dict[str | None, Fraction | None] = {}
    for currency in currencies:
        if currency in earliest:
            rates[currency] = earliest[currency][1]
        elif len(currencies) == 1 or currency == word(base_currency):
            rates[currency] = Fraction(1)
        else:
            rates[currency] = None
    if not currencies:
        rates[None] = Fraction(1)
    elif len(currencies) == 1:
        [rates[None]] = rates.values()
    else:
        rates[None] = None
    return rates


def in_constant_currency(amount: Fraction, currency: str | None, rates: dict) -> Decimal | None:
    """An amount in constant currency, rounded to cents; None where its currency has no known rate."""
    if amount == 0:
        return Decimal(0)
    rate = rates[word(currency)]
    return None if rate is None else rounded(amount * rate, 2)


def shares(staged: Staged, table: str) -> list[dict]:
    """Periods of a table, cut where the account that they count for becomes another one."""
    found = []
    for row in staged.rows[table]:
        starts_on, ends_on = day_of(row["starts_on"]), day_of(row["ends_on"]) or OPEN_END
        for first, last, account_id in staged.links.stretches(row["account_id"]):
            if first <= ends_on and last >= starts_on:
                end = min(last, ends_on)
                part = {"account_id": account_id, "starts_on": max(first, starts_on)}
                found.append({**row, **part, "ends_on": None if end == OPEN_END else end})
    return found


def ends_by_merger(event: dict, setting: Callable[[str, date], int]) -> bool:
    """Whether a churn event tells of an account that went on as another one."""
    merged_on, ends_on = event.get("merged_on"), day_of(event["ends_on"])
    if merged_on is None or day_of(event["notice_given_on"]) >= merged_on:
        return False
    if ends_on is None or merged_on <= ends_on:
        return True
    gap_days = setting("reactivation_gap_days", ends_on + timedelta(days=1))
    return (merged_on - ends_on).days - 1 <= gap_days


def total(values: list) -> object:
    """Sum of the values that are known; None where none is."""
    present = [value for value in values if value is not None]
    return sum(present[1:], present[0]) if present else None


def revenue_of(covering: list[Period]) -> Decimal | None:
    """Recurring revenue of periods together; None where no price is given or one cannot be compared."""
    if any(period.is_revenue_unknown for period in covering):
        return None
    return total([period.revenue for period in covering])


class Accounts:
    """Everything section 3 needs, kept per account; `last_day` bounds the open periods."""

    def __init__(
        self, staged: Staged, lifecycle: Dated, last_day: date, base_currency: str | None = None
    ) -> None:
        self.lifecycle = lifecycle
        self.base_currency = base_currency
        self.first_scored_day = date.min  # until somebody knows better
        self.entitlements_are_on = "entitlements" in staged.on
        self.history: dict[str, list[dict]] = defaultdict(list)
        for row in staged.rows["accounts"]:
            self.history[row["account_id"]].append(row)
        for rows in self.history.values():
            rows.sort(key=lambda row: day_of(row["valid_from"]))

        rates = currency_rates(staged, base_currency)
        self.periods: dict[str, list[Period]] = defaultdict(list)
        for row in shares(staged, "subscriptions"):
            price = exact(row["monthly_recurring_revenue"])
            revenue = None if price is None else in_constant_currency(price, row["currency"], rates)
            self.periods[row["account_id"]].append(
                Period(
                    product_id=row["product_id"],
                    first_day=day_of(row["starts_on"]),
                    last_day=day_of(row["ends_on"]) or OPEN_END,
                    seats=row["seats"],
                    revenue=revenue,
                    is_revenue_unknown=price is not None and revenue is None,
                    renewal_date=day_of(row["renewal_date"]),
                    is_trial=row["is_trial"],
                    notice_given_on=day_of(row["notice_given_on"]),
                )
            )

        self.paid_days: dict[str, set[date]] = defaultdict(set)
        for account_id, periods in self.periods.items():
            for period in periods:
                self.paid_days[account_id].update(
                    days_between(period.first_day, min(period.last_day, last_day))
                )
        self.spells = {
            account_id: number_spells(sorted(days), self.setting)
            for account_id, days in self.paid_days.items()
        }

        # Days on which the account may use the product.
        self.entitled_days: dict[str, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
        if self.entitlements_are_on:
            for row in shares(staged, "entitlements"):
                ends_on = day_of(row["ends_on"]) or OPEN_END
                self.entitled_days[row["account_id"]][row["product_id"]].update(
                    days_between(day_of(row["starts_on"]), min(ends_on, last_day))
                )
        else:
            for account_id, periods in self.periods.items():
                for period in periods:
                    self.entitled_days[account_id][period.product_id].update(
                        days_between(period.first_day, min(period.last_day, last_day))
                    )
        self.product_ages = {
            account_id: {product: count_ages(sorted(days)) for product, days in products.items()}
            for account_id, products in self.entitled_days.items()
        }

        self._as_of: dict[tuple[str, date], AsOf | None] = {}
        self._spell_days: dict[tuple[str, int], tuple[date, date]] = {}
        self.churn_events: dict[str, list[dict]] = defaultdict(list)
        for row in staged.rows["churn_events"]:
            if not ends_by_merger(row, self.setting):
                self.churn_events[row["account_id"]].append(row)

    def setting(self, name: str, day: date) -> int:
        """A setting of the lifecycle as it holds on the day."""
        return int(self.lifecycle.row(name, day)["value"])

    def covering(self, account_id: str, day: date) -> list[Period]:
        """The subscription periods that cover the day."""
        return [period for period in self.periods.get(account_id, []) if period.covers(day)]

    def attributes(self, account_id: str, day: date) -> dict:
        """The account row in force on the day; before the earliest row, the earliest."""
        rows = self.history[account_id]
        in_force = rows[0]
        for row in rows:
            if day_of(row["valid_from"]) <= day:
                in_force = row
        return in_force

    def revenue(self, account_id: str, day: date) -> Decimal | None:
        """Recurring revenue on any day: zero where nothing is in force, None where unknown."""
        covering = self.covering(account_id, day)
        if not covering:
            return Decimal(0)
        return revenue_of(covering)

    def as_of(self, account_id: str, day: date) -> AsOf | None:
        """The account on the day, or None when it is not a paid day."""
        if (account_id, day) not in self._as_of:
            self._as_of[account_id, day] = self._look_at(account_id, day)
        return self._as_of[account_id, day]

    def _look_at(self, account_id: str, day: date) -> AsOf | None:
        if day not in self.paid_days.get(account_id, set()):
            return None
        covering = self.covering(account_id, day)
        renewals = [
            period.renewal_date
            for period in covering
            if period.renewal_date is not None and period.renewal_date >= day
        ]
        spell_number, spell_age = self.spells[account_id][day]
        as_of = AsOf(
            account_id=account_id,
            day=day,
            attributes=self.attributes(account_id, day),
            seats=total([period.seats for period in covering]),
            recurring_revenue=self.revenue(account_id, day),
            renewal_date=min(renewals, default=None),
            tenure_days=(day - min(self.paid_days[account_id])).days + 1,
            spell_number=spell_number,
            spell_age=spell_age,
            lifecycle_stage="",
            product_ages={
                product_id: ages[day]
                for product_id, ages in self.product_ages.get(account_id, {}).items()
                if day in ages
            },
            shares={},
        )
        as_of.lifecycle_stage = self._stage(as_of, covering)
        as_of.shares = revenue_shares(list(as_of.product_ages), covering)
        # Of an earlier day nobody asks for the average, and its window would be empty.
        if as_of.seats is not None and as_of.day >= self.first_scored_day:
            as_of.average_seats = self._average_seats(as_of)
        return as_of

    def _average_seats(self, as_of: AsOf) -> Fraction:
        """Mean seats of the last days of the spell, not before the first scored day."""
        known = []
        for day in window(as_of.day, self.setting("seat_average_days", as_of.day)):
            if day < self.first_scored_day:
                continue
            number, _ = self.spells[as_of.account_id].get(day, (None, None))
            if number == as_of.spell_number:
                seats = total([period.seats for period in self.covering(as_of.account_id, day)])
                known += [seats] if seats is not None else []
        return Fraction(sum(known), len(known))

    def spell_days(self, account_id: str, spell_number: int) -> tuple[date, date]:
        """The first and the last paid day of a spell."""
        key = account_id, spell_number
        if key not in self._spell_days:
            spells = self.spells[account_id]
            days = [day for day, (number, _) in spells.items() if number == spell_number]
            self._spell_days[key] = min(days), max(days)
        return self._spell_days[key]

    def _stage(self, as_of: AsOf, covering: list[Period]) -> str:
        own_stage = word(as_of.attributes["lifecycle_stage"])
        if own_stage in STAGES:
            return own_stage
        day = as_of.day
        if any(period.under_notice(day) for period in covering):
            return "notice_given"
        for event in self.churn_events.get(as_of.account_id, []):
            ends_on = day_of(event["ends_on"])
            if day_of(event["notice_given_on"]) <= day and ends_on is not None and ends_on >= day:
                return "notice_given"
        if all(period.is_trial for period in covering):
            return "trial"
        if as_of.spell_number >= 2 and as_of.spell_age <= self.setting("reactivated_days", day):
            return "reactivated"
        if as_of.spell_age <= self.setting("onboarding_days", day):
            return "onboarding"
        if (
            as_of.renewal_date is not None
            and (as_of.renewal_date - day).days <= self.setting("renewal_window_days", day)
        ):
            return "renewal"
        return "adopted"


def number_spells(
    paid_days: list[date], setting: Callable[[str, date], int]
) -> dict[date, tuple[int, int]]:
    """Number of the spell and age in it (its first day is 1) for every paid day, in order.

    Whether a gap is too long is said by the setting of the first day that was not paid.
    """
    spells = {}
    number, first_day, previous = 0, None, None
    for day in paid_days:
        gap = 0 if previous is None else (day - previous).days - 1
        if previous is None or (
            gap > 0 and gap > setting("reactivation_gap_days", previous + timedelta(days=1))
        ):
            number, first_day = number + 1, day
        spells[day] = (number, (day - first_day).days + 1)
        previous = day
    return spells


def count_ages(entitled_days: list[date]) -> dict[date, int]:
    """Age of the unbroken stretch that each entitled day lies in, its first day being 1."""
    ages = {}
    age, previous = 0, None
    for day in entitled_days:
        age = age + 1 if previous is not None and (day - previous).days == 1 else 1
        ages[day] = age
        previous = day
    return ages


def revenue_shares(product_ids: list[str], covering: list[Period]) -> dict[str, Fraction]:
    """Each entitled product's share of the revenue; equal where the sum is zero or unknown."""
    entitled = {
        product_id: [period for period in covering if period.product_id == product_id]
        for product_id in product_ids
    }
    revenues = {product_id: revenue_of(periods) for product_id, periods in entitled.items()}
    whole = revenue_of([period for periods in entitled.values() for period in periods])
    if whole is None or whole == 0:
        return {product_id: Fraction(1, len(product_ids)) for product_id in product_ids}
    return {
        product_id: exact(revenue or 0) / exact(whole) for product_id, revenue in revenues.items()
    }


def segment_of(as_of: AsOf, segments: list[dict]) -> dict | None:
    """The seed row of the segment that takes the account on the day, or None."""
    by_segment: dict[str, list[dict]] = defaultdict(list)
    for row in segments:
        valid_from = seed_date(row["valid_from"], date.min)
        if valid_from <= as_of.day <= seed_date(row["valid_to"], OPEN_END):
            by_segment[row["segment_id"]].append(row)
    for rows in sorted(
        by_segment.values(), key=lambda rows: (int(rows[0]["priority"]), rows[0]["segment_id"])
    ):
        if all(holds(as_of, row) for row in rows):
            return rows[0]
    return None


def holds(as_of: AsOf, row: dict) -> bool:
    """Whether one segment row holds; a null attribute satisfies nothing."""
    if row["attribute"] == "any":
        return True
    value = as_of.attribute(row["attribute"])
    if value is None:
        return False
    operator, wanted = row["operator"], row["value"]
    if operator == "is":
        return word(value) == word(wanted)
    if operator == "is_not":
        return word(value) != word(wanted)
    if operator == "in":
        return word(value) in [word(part) for part in wanted.split("|")]
    if operator == "at_least":
        return exact(value) >= exact(wanted)
    if operator == "below":
        return exact(value) < exact(wanted)
    raise ValueError(f"unknown operator '{operator}'")
