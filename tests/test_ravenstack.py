"""The third-party company, imported and built: its dirt is counted, and nothing of it is lost."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from support.dbt import PROJECT, run_dbt
from support.validating import validate
from support.worlds import MODELS_ONLY

EXPORTS = PROJECT.parent / "shared" / "data" / "ravenstack"

pytestmark = pytest.mark.skipif(
    not EXPORTS.exists(), reason="the exports of RavenStack do not lie beside the project"
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ravenstack")
    subprocess.run(
        [
            sys.executable, str(PROJECT / "scripts" / "import_raw.py"),
            "--mapping", str(PROJECT / "examples" / "ravenstack"),
            "--from", str(EXPORTS), "--to", str(folder / "raw_files"),
        ],
        check=True,
        capture_output=True,
    )
    run_dbt(
        MODELS_ONLY,
        raw=folder / "raw_files",
        db=folder / "warehouse.duckdb",
        target_path=folder / "target",
        vars={"health__score_cadence": "week"},
    )
    return folder / "warehouse.duckdb"


def rows(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_every_row_is_accounted_for(database: Path) -> None:
    counted = rows(
        database,
        """
        select source_id, rows_raw, rows_staged, rows_duplicate, rows_rejected,
            rows_outside_subscription
        from marts.source_health
        where is_on and as_of_date = (select max(as_of_date) from marts.source_health)
        order by source_id
        """,
    )
    assert counted == [
        ("accounts", 500, 500, 0, 0, 0),
        ("churn_events", 600, 600, 0, 0, 55),
        ("product_features", 40, 40, 0, 0, 0),
        ("products", 1, 1, 0, 0, 0),
        ("subscriptions", 5000, 5000, 0, 0, 0),
        ("support_tickets", 2000, 2000, 0, 0, 1171),
        ("survey_responses", 1175, 1175, 0, 0, 671),
        ("usage_events", 25000, 25000, 0, 0, 14225),
    ]


def test_what_it_does_not_have_is_missing_and_not_healthy(database: Path) -> None:
    reasons = dict(
        rows(
            database,
            """
            select signal_id, min(state_reason) from marts.health_contributions
            where state != 'observed' and state != 'in_grace'
            group by signal_id having min(state_reason) = max(state_reason)
            """,
        )
    )
    # Nobody recorded users, notice or topics; the sources of the others are off.
    for signal_id in ("active_users_per_seat", "renewal_notice", "repeat_topics"):
        assert reasons[signal_id] == "source_empty"
    for signal_id in ("paid_on_time_share", "overdue_age", "reopen_rate"):
        assert reasons[signal_id] == "source_off"
    ((lowest, highest),) = rows(
        database, "select min(health_score), max(health_score) from marts.account_health_daily"
    )
    assert 0 <= lowest < highest <= 100


def test_the_score_is_not_shown_to_predict(database: Path, tmp_path: Path) -> None:
    """Its signals tell next to nothing; whoever finds more has seen the future."""
    status, found = validate(database, tmp_path, bootstraps=100)
    assert status == 1 and found["verdict"]["status"] == "not_shown"
    assert found["discrimination"]["auc_within_date"]["low"] < 0.5
