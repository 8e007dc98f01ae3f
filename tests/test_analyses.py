"""What the questions of the folder analyses/ answer, on a few rows of the marts that they read."""

import re

import duckdb
import pytest

from support.dbt import PROJECT

pytestmark = pytest.mark.quick


def answer(name: str, **tables: str) -> list[dict[str, object]]:
    """The rows of an analysis over the tables that it refers to, each given as a query."""
    text = (PROJECT / "analyses" / f"{name}.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        for table, query in tables.items():
            connection.execute(f"create table {table} as {query}")
        result = connection.execute(re.sub(r"{{ ref\('(\w+)'\) }}", r"\1", text))
        columns = [column[0] for column in result.description]
        return [dict(zip(columns, row)) for row in result.fetchall()]


def test_segments_without_accounts_and_accounts_without_a_segment_are_told() -> None:
    found = answer(
        "accounts_by_segment",
        stg_scorecard__segments="""
            from (values ('large', 1, 'card'), ('large', 1, 'card'), ('misspelt', 2, 'card'))
                as segments (segment_id, priority, scorecard_id)
        """,
        account_health="""
            from (values ('large', 10), ('large', 5), (null, 7))
                as accounts (segment_id, recurring_revenue)
        """,
    )
    assert [tuple(row.values()) for row in found] == [
        ("large", 1, "card", 2, 15), ("misspelt", 2, "card", 0, 0), ("no segment", None, None, 1, 7),
    ]  # fmt: skip


def test_rows_that_meet_nothing_are_told() -> None:
    found = answer(
        "rows_without_effect",
        stg_crm__account_links="select unnest(['a1', 'a1']) as counts_for_account_id",
        stg_scorecard__account_overrides="""
            from (values ('known', 'a1'), ('misspelt', 'A1')) as overrides (override_id, account_id)
        """,
        stg_scorecard__point_rule_steps="""
            from (values ('asked', 'feature', 'export'), ('misspelt', 'feature', 'exprt'))
                as steps (rule_id, event_kind, event_key)
        """,
        stg_scorecard__milestones="""
            from (values ('by_signal', 'none', 'none'), ('never', 'meeting', 'any'))
                as milestones (milestone_id, event_kind, event_key)
        """,
        int_activity__event_days="""
            from (values ('feature', 'export'), ('feature', 'export')) as events (event_kind, event_key)
        """,
        stg_support__support_tickets="""
            from (values ('high'), ('hoch'), ('hoch'), (null)) as tickets (severity)
        """,
        stg_scorecard__ticket_severities="select 'high' as severity",
    )
    assert [tuple(row.values()) for row in found] == [
        ("account_overrides", "misspelt", "there is no account A1"),
        ("milestones", "never", "no meeting any has ever happened"),
        ("point_rule_steps", "misspelt", "no feature exprt has ever happened"),
        (
            "ticket_severities", "hoch",
            "2 tickets have this severity, and no row says whether it is severe: it counts as not severe",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("data_band, is_told", [("healthy", True), ("at_risk", False)])
def test_people_and_data_disagree_where_their_bands_differ(data_band: str, is_told: bool) -> None:
    found = answer(
        "disagreements",
        account_health=f"""
            select
                'a1' as account_id, 'Name' as account_name, 'csm' as owner_id, 55.5 as health_score,
                'at_risk' as band, 71.25 as data_score, '{data_band}' as data_band,
                100 as recurring_revenue, 'Pulse: red' as reason_1
        """,
    )
    assert [row["account_name"] for row in found] == (["Name"] if is_told else [])


def test_what_is_in_one_system_only_is_counted_by_problem_and_system() -> None:
    found = answer(
        "unmatched_systems",
        unmatched="""
            from (values
                ('usage_events', 'a2', 'no_subscription', 5, date '2026-01-02'),
                ('usage_events', 'a1', 'no_subscription', 3, date '2026-01-05'),
                ('users', 'a1', 'no_subscription', 1, null),
                ('invoices', 'a3', 'payer_not_there', 0, date '2026-01-09')
            ) as unmatched (system_id, record_id, problem, row_count, last_on)
        """,
    )
    assert [tuple(map(str, row.values())) for row in found] == [
        ("no_subscription", "usage_events", "2", "8", "2026-01-05", "a1", "a2"),
        ("no_subscription", "users", "1", "1", "None", "a1", "a1"),
        ("payer_not_there", "invoices", "1", "0", "2026-01-09", "a3", "a3"),
    ]
