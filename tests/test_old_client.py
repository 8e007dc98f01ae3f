"""The warehouse opens in the DuckDB that BI tools bundle, which is older than the one that builds it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.dbt import PROJECT
from support.worlds import QUICK, World

LOCK = PROJECT / "requirements.client.lock"
CLIENT = PROJECT / "target" / "client"
# Opens a warehouse and reads every table and view to its end.
READ = """
import json, sys
import duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    connection.execute("set enable_progress_bar = false")
    relations = connection.execute(
        "select table_schema, table_name, table_type from information_schema.tables"
        " where table_schema not like '%information%'"
    ).fetchall()
    rows = {}
    for schema, name, kind in relations:
        rows[f"{schema}.{name}"] = [kind, len(connection.execute(f"from {schema}.{name}").fetchall())]
print(json.dumps({"version": duckdb.__version__, "rows": rows}))
"""


@pytest.fixture(scope="module")
def client() -> Path:
    """A Python with an older DuckDB, in an environment that is made when it is missing."""
    python = CLIENT / "bin" / "python"
    done = CLIENT / LOCK.name
    if not (done.exists() and done.read_bytes() == LOCK.read_bytes()):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(CLIENT)], check=True)
        subprocess.run(
            [
                str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK),
            ],
            check=True,
        )  # fmt: skip
        done.write_bytes(LOCK.read_bytes())
    return python


def test_an_older_client_reads_every_table_and_view(
    client: Path, worlds: Callable[[str], World]
) -> None:
    done = subprocess.run(
        [str(client), "-c", READ, str(worlds(QUICK).database)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert f"duckdb=={found['version']} " in LOCK.read_text(encoding="utf-8")
    marts = [count for name, (_, count) in found["rows"].items() if name.startswith("marts.")]
    assert len(marts) > 15 and sum(marts) > 1000
    assert {kind for kind, _ in found["rows"].values()} == {"BASE TABLE", "VIEW"}
