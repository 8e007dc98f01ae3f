"""What people judge: expired pulses and their tasks, how authors judge, and that their words stay private."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest

from support.worlds import World


@pytest.fixture(scope="module")
def warehouse(worlds: Callable[[str], World]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(worlds("dark").database), read_only=True) as connection:
        yield connection


def test_an_expired_pulse_leaves_the_score(warehouse: duckdb.DuckDBPyConnection) -> None:
    expired, scored, with_points = warehouse.execute("""
        select
            count(*) filter (where state = 'expired'),
            count(*) filter (where state = 'expired' and contribution is not null),
            count(*) filter (where state = 'expired' and (effective_weight > 0 or contribution > 0))
        from marts.health_contributions
        where contribution_kind = 'pulse'
    """).fetchone()
    assert expired >= scored > 100 and with_points == 0


def test_no_account_stands_above_a_cap_that_holds(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Neither its score nor its band, whatever the pulse says."""
    capped, above, in_a_better_band = warehouse.execute("""
        select
            count(*),
            count(*) filter (where daily.health_score > caps.max_score),
            count(*) filter (where bands.lower_bound > caps.max_score)
        from marts.health_contributions as rows
        inner join staging.stg_scorecard__caps as caps
            on rows.rule_id = caps.cap_id
            and rows.scorecard_id = caps.scorecard_id
            and rows.scorecard_version = caps.scorecard_version
        inner join marts.account_health_daily as daily using (account_id, as_of_date)
        inner join staging.stg_scorecard__bands as bands
            on daily.scorecard_id = bands.scorecard_id
            and daily.scorecard_version = bands.scorecard_version
            and daily.band = bands.band_id
        where rows.contribution_kind = 'cap'
    """).fetchone()
    assert capped > 100 and (above, in_a_better_band) == (0, 0)


def test_a_task_is_open_since_the_first_day_of_its_run(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Counted back day by day from the last one."""
    reasons = warehouse.execute("""
        select signals.account_id, signals.as_of_date, signals.state_reason, dates.spell_number
        from intermediate.int_signals__daily as signals
        inner join intermediate.int_accounts__as_of as dates using (account_id, as_of_date)
        where signal_id = 'pulse'
        order by signals.as_of_date
    """).fetchall()
    days: dict[str, list[tuple[date, str, int]]] = defaultdict(list)
    for account_id, day, reason, spell in reasons:
        days[account_id].append((day, reason, spell))
    last_day = max(row[1] for row in reasons)
    expected = {}
    for account_id, lived in days.items():
        today, reason, spell = lived[-1]
        if today != last_day or reason != "stale":
            continue
        since = today
        for day, earlier_reason, earlier_spell in reversed(lived):
            if (earlier_reason, earlier_spell) != (reason, spell):
                break
            since = day
        expected[account_id] = (since, (last_day - since).days + 1)
    found = warehouse.execute(
        "select account_id, open_since, days_open from marts.account_tasks"
        " where task_id = 'refresh_pulse'"
    ).fetchall()
    assert len(found) == len(expected) > 1
    assert {account_id: rest for account_id, *rest in found} == {
        account_id: list(rest) for account_id, rest in expected.items()
    }


def test_whoever_speaks_with_one_person_at_most_is_told(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    engaged = dict(warehouse.execute("""
        select signals.account_id, signals.value
        from intermediate.int_signals__daily as signals
        inner join marts.account_health as health using (account_id, as_of_date)
        where signals.signal_id = 'engaged_contacts' and signals.state = 'observed'
    """).fetchall())  # fmt: skip
    told = warehouse.execute(
        "select account_id, state from marts.account_tasks where task_id = 'single_threaded'"
    ).fetchall()
    expected = {account for account, contacts in engaged.items() if contacts <= 1}
    assert expected and len(expected) < len(engaged)
    assert sorted(told) == sorted((account, "observed") for account in expected)


def test_authors_are_held_against_everybody(warehouse: duckdb.DuckDBPyConnection) -> None:
    pulses = warehouse.execute(
        "select author_id, value, account_id, cast(set_at as date) from staging.stg_crm__pulses"
    ).fetchall()
    data_scores = {
        row[:2]: row[2]
        for row in warehouse.execute(
            "select account_id, as_of_date, data_score from marts.account_health_daily"
        ).fetchall()
    }

    def places(number: Decimal, last: str) -> Decimal:
        return number.quantize(Decimal(last), ROUND_HALF_UP)

    expected = {}
    for author in {pulse[0] for pulse in pulses}:
        own = [pulse for pulse in pulses if pulse[0] == author]
        for value in ("green", "yellow", "red"):
            given = [pulse for pulse in own if pulse[1] == value]
            of_all = [pulse for pulse in pulses if pulse[1] == value]
            scores = [
                score
                for _, _, account, day in given
                if (score := data_scores.get((account, day))) is not None
            ]
            expected[author, value] = (
                len(given),
                len({pulse[2] for pulse in given}),
                places(Decimal(len(given)) / len(own), "0.0001"),
                places(Decimal(len(of_all)) / len(pulses), "0.0001"),
                len(scores),
                places(sum(scores) / len(scores), "0.01") if scores else None,
            )
    found = warehouse.execute(
        "select author_id, pulse_value, pulses, accounts, share, company_share, scored_pulses,"
        " mean_data_score from marts.pulse_distribution"
    ).fetchall()
    assert {row[:2]: row[2:] for row in found} == expected
    # One author of the demo sees nothing but green, and that is a row of zeros.
    assert any(row[1] == "red" and row[2] == 0 for row in found)


def test_no_mart_holds_the_words_of_a_judgement(warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = warehouse.execute("""
        select table_name, column_name from information_schema.columns
        where table_schema = 'marts' and data_type = 'VARCHAR'
    """).fetchall()
    assert len(columns) > 50
    leaks = [
        (table, column)
        for table, column in columns
        if warehouse.execute(
            f"select count(*) from marts.{table} where {column} in"
            " (select reason from staging.stg_crm__pulses)"
        ).fetchone()[0]
    ]
    assert not leaks
