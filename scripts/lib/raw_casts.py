"""How a value of any type becomes a value of a contract type, as DuckDB expressions.

Each expression is null where the value does not convert, so that a converted column beside the
original says which values are bad. Columns are given by name and quoted here.
"""

from __future__ import annotations

from lib.contract import Column, duckdb_type

# Wide enough for every bigint, with digits behind the point to see a fraction by.
_WIDE_DECIMAL = "DECIMAL(38,6)"

_MENDS = {
    "date": "write YYYY-MM-DD, such as cast(strptime(<column>, '%d/%m/%Y') as date),"
    " or null where there is no day",
    "timestamp": "write YYYY-MM-DD HH:MM:SS with a zone or in UTC, such as"
    " strptime(<column>, '%d/%m/%Y %H:%M') or to_timestamp(<seconds>), or null where there is none",
    "bigint": "write a whole number, such as round(cast(<column> as double)),"
    " or nullif(<column>, 'n/a') for a word that means none",
    "boolean": "write true or false, such as <column> = 'active'",
    "decimal": "write a number that fits, such as replace(<column>, ',', ''),"
    " or nullif(<column>, 'n/a') for a word that means none",
    "string": "write a text",
}


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def converted(name: str, data_type: str) -> str:
    """The column as a value of the contract type; null where it does not convert.

    Times and days go through a timestamp with zone, on a connection whose zone is UTC: an offset in
    a text or a type is honoured, and what has none is UTC. A whole number is never made by
    rounding; a decimal is rounded to the contract's digits.
    """
    value, target = quoted(name), duckdb_type(data_type)
    utc = f"cast(try_cast({value} as timestamptz) as timestamp)"
    if target == "TIMESTAMP":
        return f"case when isfinite({utc}) then {utc} end"
    if target == "DATE":
        return f"case when isfinite({utc}) then cast({utc} as date) end"
    if target == "BIGINT":
        number = f"try_cast({value} as {_WIDE_DECIMAL})"
        return f"case when {number} = trunc({number}) then try_cast({number} as bigint) end"
    if target == "BOOLEAN":
        return f"try_cast(cast({value} as varchar) as boolean)"
    return f"try_cast({value} as {target})"


def is_bad(column: Column) -> str:
    """Condition: there is a value, and it does not convert."""
    value = converted(column.name, column.data_type)
    return f"({quoted(column.name)} is not null and {value} is null)"


def strict(column: Column) -> str:
    """The converted column under its own name; the query fails on the first bad value."""
    value = converted(column.name, column.data_type)
    failure = "error('a value does not cast')"
    return (
        f"case when {is_bad(column)} then {failure} else {value} end as {quoted(column.name)}"
    )


def mend(data_type: str) -> str:
    """What to write in a mapping when values do not cast to a contract type."""
    return _MENDS[data_type.split("(")[0].strip().lower()]
