"""Fixtures of all tests. Helpers live in tests/support; scripts are imported by their names."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from support.postgres import postgres_server  # noqa: E402


@pytest.fixture(scope="session")
def postgres() -> Iterator[dict[str, str]]:
    """HEALTH_PG_* settings of a PostgreSQL server that lives as long as the session."""
    with postgres_server() as settings:
        yield settings
