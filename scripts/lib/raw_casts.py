"""How a value of any type becomes a value of a contract type, as DuckDB expressions.

Times and days go through a timestamp with zone, on a connection whose zone must be UTC: an offset
in a text or a type is honoured, and what has none is UTC. A whole number is never made by rounding;
a decimal is rounded to the contract's digits.
"""

from __future__ import annotations

from lib.contract import Column, duckdb_type

# Wide enough for every bigint, with digits behind the point to see a fraction by.
_WIDE_DECIMAL = "DECIMAL(38,6)"

_MENDS = {
    "date": "write YYYY-MM-DD, such as cast(strptime(<column>, ['%d/%m/%Y', '%Y-%m-%d']) as date),"
    " with every format that occurs, or null where there is no day",
    "timestamp": "write YYYY-MM-DD HH:MM:SS with a zone or in UTC, such as"
    " strptime(<column>, ['%d/%m/%Y %H:%M', '%Y-%m-%d %H:%M']), with every format that occurs, or"
    " to_timestamp(<seconds>), or null where there is none",
    "bigint": "write a whole number, such as round(cast(<column> as double)),"
    " or nullif(<column>, 'n/a') for a word that means none",
    "boolean": "write true or false, such as <column> = 'active'",
    "decimal": "write a number that fits, such as replace(<column>, ',', '') for 1,200.50,"
    " replace(replace(<column>, '.', ''), ',', '.') for 1.200,50,"
    " or nullif(<column>, 'n/a') for a word that means none",
    "string": "write a text",
}


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def widened(column: Column) -> str:
    """Two columns: the value as given, and in a type in which it can be judged.

    Judging and the last cast are done on top of this one (`is_bad`, `strict`), so that a text is
    read once per value and not once per question about it.
    """
    value = quoted(column.name)
    target = duckdb_type(column.data_type)
    if target in ("DATE", "TIMESTAMP"):
        wide = f"cast(try_cast({value} as timestamptz) as timestamp)"
    elif target == "BIGINT":
        wide = f"try_cast({value} as {_WIDE_DECIMAL})"
    elif target == "BOOLEAN":
        # As a text, so that 2 is not taken for true.
        wide = f"try_cast(cast({value} as varchar) as boolean)"
    else:
        wide = f"try_cast({value} as {target})"
    return f"{value} as {_given(column)}, {wide} as {value}"


def is_bad(column: Column) -> str:
    """Condition on widened columns: there is a value, and it is none of the contract's type."""
    wide = quoted(column.name)
    target = duckdb_type(column.data_type)
    reasons = [f"{wide} is null"]
    if target in ("DATE", "TIMESTAMP"):
        reasons.append(f"not isfinite({wide})")
    elif target == "BIGINT":
        reasons += [f"{wide} <> trunc({wide})", f"try_cast({wide} as bigint) is null"]
    return f"({_given(column)} is not null and ({' or '.join(reasons)}))"


def strict(column: Column) -> str:
    """The contract's value from widened columns; the query fails on the first bad one."""
    wide = quoted(column.name)
    value = f"cast({wide} as {duckdb_type(column.data_type)})"
    return f"case when {is_bad(column)} then error('bad value') else {value} end as {wide}"


def given_text(column: Column) -> str:
    """The value as given, from widened columns, to be shown to a person."""
    return f"cast({_given(column)} as varchar)"


def _given(column: Column) -> str:
    return quoted(f"given {column.name}")


def mend(data_type: str) -> str:
    """What to write in a mapping when values do not cast to a contract type."""
    return _MENDS[data_type.split("(")[0].strip().lower()]
