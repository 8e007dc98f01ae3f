"""Fixtures of all tests. Helpers live in tests/support; scripts are imported by their names."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from support.postgres import postgres_server  # noqa: E402
from support.worlds import World, built_world  # noqa: E402

# The companies that tests share. Each is generated and built the first time a test asks for it.
WORLDS = {
    "daily": dict(seed=1, weeks=26),
    "weekly": dict(seed=2, weeks=40, cadence="week"),
    "sources off": dict(
        seed=3,
        weeks=26,
        off=("entitlements", "users", "payments", "exchange_rates", "calendar_days"),
    ),
}


@pytest.fixture(scope="session")
def postgres() -> Iterator[dict[str, str]]:
    """HEALTH_PG_* settings of a PostgreSQL server that lives as long as the session."""
    with postgres_server() as settings:
        yield settings


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """A function from a name in WORLDS to that company, built."""
    base = tmp_path_factory.mktemp("worlds")
    return lambda name: built_world(base / name.replace(" ", "_"), **WORLDS[name])
