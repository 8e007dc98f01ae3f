"""The page about the raw contract and the sources files say the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import document_contract
from lib.contract import read_contract
from lib.raw_casts import mend

pytestmark = pytest.mark.quick

PROJECT_DIR = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def contract():
    return read_contract(PROJECT_DIR)


def test_page_is_up_to_date(capsys):
    status = document_contract.main(["--check"])
    assert status == 0, capsys.readouterr().out


def test_check_shows_what_differs(tmp_path, monkeypatch, capsys, contract):
    monkeypatch.setattr(document_contract, "PROJECT_DIR", tmp_path)
    monkeypatch.setattr(document_contract, "read_contract", lambda _: contract)
    page = tmp_path / document_contract.PAGE
    assert document_contract.main(["--check"]) == 1
    assert not page.exists()

    assert document_contract.main([]) == 0
    assert document_contract.main(["--check"]) == 0
    text = page.read_text()
    page.write_text(text.replace("| `account_id` | `string` |", "| `id` | `bigint` |", 1))
    capsys.readouterr()
    assert document_contract.main(["--check"]) == 1
    printed = capsys.readouterr()
    assert "-| `id` | `bigint` | yes | Account. |" in printed.out
    assert "+| `account_id` | `string` | yes | Account. |" in printed.out
    assert "python scripts/document_contract.py" in printed.err


def test_only_three_tables_are_required(contract):
    required = {name for name, table in contract.items() if table.required}
    assert required == {"accounts", "usage_events", "subscriptions"}


def test_every_table_has_a_load_time_and_every_column_a_description(contract):
    for table in contract.values():
        assert table.description, table.name
        assert table.columns[-1].name == "loaded_at" and not table.columns[-1].required, table.name
        for column in table.columns:
            assert column.description, f"{table.name}.{column.name}"


def test_every_type_has_a_mend(contract):
    for table in contract.values():
        for column in table.columns:
            assert mend("type", column)


def test_bars_stay_in_their_cells(contract):
    table = contract["accounts"]
    column = replace(table.columns[0], description="one | two")
    assert "one \\| two |" in document_contract.section(replace(table, columns=(column,)))
