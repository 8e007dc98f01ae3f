"""The dbt unit tests, in one run of dbt."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.dbt import PROJECT, run_dbt
from support.worlds import QUICK, World


@pytest.mark.quick
def test_every_unit_test_passes(worlds: Callable[[str], World], tmp_path: Path) -> None:
    """On a built world, because dbt asks the tables that a model reads for their types."""
    world = worlds(QUICK)
    command = dict(raw=world.raw, target_path=tmp_path, seeds=world.seeds, vars=world.vars)
    result = run_dbt(
        ("test", "--select", "test_type:unit"), db=shutil.copy(world.database, tmp_path), **command
    )
    ran = [one for one in result.result.results if one.node.resource_type == "unit_test"]
    assert len(ran) > 100 and {one.status for one in ran} == {"pass"}


@pytest.mark.quick
def test_a_build_runs_no_unit_test(tmp_path: Path) -> None:
    """Nor does a run that selects nothing; who names them gets them."""

    def listed(*selected: str) -> list[str]:
        command = ("list", "--resource-type", "all", "--output", "name", *selected)
        return run_dbt(command, raw=tmp_path, target_path=tmp_path).result

    unit_tests = set(listed("--select", "test_type:unit"))
    assert len(unit_tests) > 100 and unit_tests.isdisjoint(listed())
    assert "--exclude-resource-type unit_test" in (PROJECT / "Makefile").read_text(encoding="utf-8")
