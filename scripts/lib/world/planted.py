"""Accounts planted on purpose, so that every world holds the cases a health score argues about.

They are the first accounts of the world, live by a script instead of by chance, and are listed with
their reasons in the truth folder. Tests and examples find them there by name.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.world.latent import NEVER


@dataclass(frozen=True)
class Case:
    """One planted account. Days count from the first day of the world; NEVER for none.

    `scripted_usage`: its events come from scripted_usage.sql only. `is_quiet`: no tickets but
    planted ones. `is_silent`: nobody at the customer ever talks to us. `is_bare`: a subscription
    and nothing else. `health_shift` is added to its latent health.
    """

    name: str
    about: str
    first_day: int = -200
    notice_day: int = NEVER
    last_day: int = NEVER
    return_day: int = NEVER
    plan: str = "pro"
    industry: str = "software"
    seats: int = 10
    students: int | None = None
    health_shift: float = 0.0
    scripted_usage: bool = False
    is_quiet: bool = False
    is_silent: bool = False
    is_bare: bool = False


def planted_cases(days: int) -> tuple[Case, ...]:
    """The planted accounts of a world of `days` days, in the order of their account numbers."""
    school = dict(
        plan="enterprise", industry="education", seats=1000, scripted_usage=True, is_quiet=True
    )
    return (
        Case(
            "school_800",
            "700 active users in every 28 days, 800 students; seats as school_1000",
            students=800,
            **school,
        ),
        Case(
            "school_1000",
            "the same 700 active users on the same days as school_800, 1,000 students",
            students=1000,
            **school,
        ),
        Case(
            "pricing_three_days",
            "pricing page on days 1, 2, 3, a question on day 4: the rule fires once",
            is_quiet=True,
        ),
        Case(
            "pricing_with_gap",
            "pricing page on days 1, 2, 4, a question on day 5: the rule does not fire",
            is_quiet=True,
        ),
        Case(
            "pricing_six_days",
            "pricing page on six days running, a question on day 7: the rule fires once",
            is_quiet=True,
        ),
        Case(
            "pricing_no_question",
            "pricing page on days 1, 2, 3 and no question: the rule does not fire",
            is_quiet=True,
        ),
        Case(
            "steady_use",
            "five users, 20 minutes on each of 20 days in every 28",
            seats=5,
            scripted_usage=True,
        ),
        Case(
            "burst_use",
            "five users, 400 minutes on one day in every 28: the same time as steady_use",
            seats=5,
            scripted_usage=True,
        ),
        Case(
            "sudden_decline",
            "ten users every weekday until 14 days before the end, then one",
            scripted_usage=True,
        ),
        Case(
            "slow_drift",
            "the same fall as sudden_decline, spread evenly over the last 26 weeks",
            scripted_usage=True,
        ),
        Case(
            "negative_review",
            "a negative review, loaded twice: it counts once",
        ),
        Case(
            "red_pulse",
            "healthy by its data, with a red pulse in force at the end",
            health_shift=1.5,
        ),
        Case(
            "expired_red_pulse",
            "healthy by its data, its only pulse red and expired before the end",
            health_shift=1.5,
        ),
        Case(
            "overdue_invoice",
            "healthy by its data, with an invoice more than 60 days overdue at the end",
            health_shift=1.5,
        ),
        Case(
            "voided_invoice",
            "the last invoice but one is voided by a credit note; nothing is owed on it",
            health_shift=1.5,
        ),
        Case(
            "sponsor_left",
            "healthy by its data; its executive sponsor left 20 days before the end, no successor",
            health_shift=1.5,
        ),
        Case(
            "silent",
            "flat usage, no ticket, no reply, no meeting: few tickets are not health here",
            seats=6,
            scripted_usage=True,
            is_quiet=True,
            is_silent=True,
        ),
        Case(
            "no_data",
            "a subscription and nothing else: unknown, never critical, never healthy",
            scripted_usage=True,
            is_quiet=True,
            is_silent=True,
            is_bare=True,
        ),
        Case(
            "short_gap",
            "its subscription lapsed for 10 days without notice and then went on",
            last_day=days // 2,
            return_day=days // 2 + 11,
        ),
        Case(
            "reactivated",
            "gave notice, left, and came back about three months later",
            notice_day=max(days // 4 - 30, 0),
            last_day=days // 4,
            return_day=days // 4 + 91,
        ),
        Case(
            "notice_given",
            "gave notice 20 days before the end; paid until 25 days after it",
            notice_day=days - 21,
            last_day=days + 24,
        ),
        Case(
            "fresh",
            "became a customer 5 days before the end: in grace",
            first_day=days - 5,
        ),
        Case(
            "seats_unknown",
            "the seats of its subscription are not recorded",
        ),
        Case(
            "zero_seats",
            "its subscription has 0 seats",
        ),
        Case(
            "repeat_topic",
            "two tickets on one topic within 90 days, and a third merged into the second",
            is_quiet=True,
        ),
    )
