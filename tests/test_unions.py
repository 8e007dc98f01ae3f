"""The parts of a union name their columns: a star goes by position, which engines need not keep."""

import re
from pathlib import Path

import pytest

from support.dbt import PROJECT

pytestmark = pytest.mark.quick

FILES = sorted(
    file
    for folder in ("models", "macros", "analyses", "tests", "snapshots")
    for file in (PROJECT / folder).rglob("*.sql")
)
NO_SQL = re.compile(r"({{.*?}})|{#.*?#}|{%.*?%}|--[^\n]*|'(?:[^']|'')*'", re.DOTALL)
WORDS = re.compile(r"{{.*?}}|\w+(?:\.\w+)*(?:\.\*)?|\S", re.DOTALL)
SET_OPERATIONS = ("union", "except", "intersect")


def unnamed(sql: str) -> list[str]:
    """Parts of set operations, as text, that select a star.

    Two parts that take all of one and the same relation are no error: they have its columns.
    """
    words = WORDS.findall(NO_SQL.sub(lambda match: match[1] or " ", sql))
    found = []
    for place, word in enumerate(words):
        if word.lower() in SET_OPERATIONS:
            pair = [_part_before(words, place), _part_after(words, place)]
            if len({(columns, relation) for columns, relation in pair}) > 1:
                found += [
                    f"select {columns} from {relation}"
                    for columns, relation in pair
                    if _has_star(columns)
                ]
    return found


def _has_star(columns: str) -> bool:
    return re.search(r"(^|, |distinct |\.)\*( ,|$| exclude| replace)", columns) is not None


def _part_after(words: list[str], place: int) -> tuple[str, str]:
    start = place + 1
    while start < len(words) and words[start].lower() in ("all", "distinct"):
        start += 1
    is_select = start < len(words) and words[start].lower() == "select"
    return _columns_and_relation(words, start) if is_select else ("", "")


def _part_before(words: list[str], place: int) -> tuple[str, str]:
    """The nearest select before the word that stands in no deeper brackets."""
    depth = 0
    for n in range(place - 1, -1, -1):
        depth += (words[n] == ")") - (words[n] == "(")
        if depth < 0:
            break
        if depth == 0 and words[n].lower() == "select":
            return _columns_and_relation(words, n)
    return "", ""


def _columns_and_relation(words: list[str], select: int) -> tuple[str, str]:
    depth = 0
    for n in range(select + 1, len(words)):
        depth += (words[n] == "(") - (words[n] == ")")
        if depth == 0 and words[n].lower() == "from":
            return " ".join(words[select + 1 : n]), words[n + 1]
    return " ".join(words[select + 1 :]), ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_the_parts_of_a_union_name_their_columns(file: Path) -> None:
    found = unnamed(file.read_text(encoding="utf-8"))
    assert not found, "name the columns of:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "sql, parts",
    [
        ("select a from x union all select b * c from y", 0),
        ("select count(*) from x union all select 1 from y", 0),
        ("with x as (select * from {{ ref('z') }}) select a from x union select a from y", 0),
        ("select a from x where b in (select * from z) union all select a from y", 0),
        ("select x.* from {{ r }} as x union all select x.* from {{ r }} as x join y using (a)", 0),
        ("{# select * #} select a from x -- select *\nunion all select a from y", 0),
        ("select * from x union all select a from y", 1),
        ("select a from x union all select * from y", 1),
        ("select a, x.* from x union select a, b from y", 1),
        ("select *, 1 as b from x union all select a, b from y", 1),
        ("select distinct * from x except select * from y", 2),
        ("select a from x {% if not loop.last %}union all{% endif %} select * from x", 1),
        ("select * from {{ ref('a') }} where b = 1 union all select * from {{ ref('c') }}", 2),
    ],
)
def test_a_star_is_found(sql: str, parts: int) -> None:
    assert len(unnamed(sql)) == parts
