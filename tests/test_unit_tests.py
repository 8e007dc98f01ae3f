"""The dbt unit tests, in one run of dbt."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.dbt import run_dbt
from support.worlds import QUICK, World


@pytest.mark.quick
def test_every_unit_test_passes(worlds: Callable[[str], World], tmp_path: Path) -> None:
    """On a built world, because dbt asks the tables that a model reads for their types."""
    world = worlds(QUICK)
    command = dict(raw=world.raw, target_path=tmp_path, seeds=world.seeds, vars=world.vars)
    result = run_dbt(
        ("test", "--select", "test_type:unit"), db=shutil.copy(world.database, tmp_path), **command
    )
    assert len(result.result.results) > 100
    assert {ran.status for ran in result.result.results} == {"pass"}
