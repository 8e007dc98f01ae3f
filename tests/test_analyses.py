"""What the questions of the folder analyses/ answer, on a few rows of the marts that they read."""

import re

import duckdb
import pytest

from support.dbt import PROJECT


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
