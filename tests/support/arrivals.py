"""A company whose data arrive: the raw tables as they stood on the evening of a day."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

# What is written into a row after it was first loaded; before that day it is not there yet.
WRITTEN_LATER = {
    "support_tickets": ("first_responded_at", "resolved_at"),
    "subscriptions": ("notice_given_on",),
    "success_goals": ("achieved_at",),
    "users": ("left_at",),
}
Edit = tuple[str, str]


def as_of_evening(
    raw: Path, out: Path, day: date, edits: Sequence[Edit] = (), without: Sequence[str] = ()
) -> Path:
    """Write the rows loaded by the end of `day` to `out`, and return it.

    `edits` are pairs of a table and a statement that changes the relation `rows`, applied in their order to
    what has arrived; `without` are tables that are not there yet.
    """
    out.mkdir(parents=True)
    for file in sorted(raw.glob("*.parquet")):
        if file.stem in without:
            continue
        later = "".join(
            f", case when {column} <= '{day} 23:59:59' then {column} end as {column}"
            for column in WRITTEN_LATER.get(file.stem, ())
        )
        replaced = f"* replace ({later[2:]})" if later else "*"
        with duckdb.connect() as connection:
            connection.execute(
                f"create table rows as select {replaced} from '{file}' where loaded_at <= '{day} 23:59:59'"
            )
            for table, statement in edits:
                if table == file.stem:
                    connection.execute(statement)
            connection.execute(f"copy rows to '{out / file.name}' (format parquet)")
    return out


def differing_marts(
    one: Path, other: Path, is_interrupted: bool = False
) -> list[tuple[str, int, int]]:
    """Marts whose rows differ between two warehouses, with the rows that only one of them has.

    The build of an interrupted one may have ended before it dropped the copy of a mart that it had replaced.

    Raises AssertionError if there are no marts, or not the same ones.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        copies = " and not (table_catalog = 'one' and ends_with(table_name, '__dbt_backup'))"
        found = connection.execute(
            "select table_name, count(*) from information_schema.tables"
            f" where table_schema = 'marts'{copies if is_interrupted else ''}"
            " group by table_name order by table_name"
        ).fetchall()
        assert len(found) > 15 and all(count == 2 for _, count in found), found
        differing = []
        for mart, _ in found:
            only = [
                connection.execute(
                    f"select count(*) from (from {left}.marts.{mart} except all from {right}.marts.{mart})"
                ).fetchall()[0][0]
                for left, right in [("one", "other"), ("other", "one")]
            ]
            if any(only):
                differing.append((mart, *only))
    return differing
