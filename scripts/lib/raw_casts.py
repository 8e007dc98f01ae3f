"""How a value of any type becomes a value of a contract type, as DuckDB expressions.

Times and days go through a timestamp with zone, on a connection whose zone must be UTC: an offset
in a text or a type is honoured, and what has none is UTC. Nothing is made by rounding, and what the
build would take for a value that was not given (docs/scoring.md, section 2) is refused here.
"""

from __future__ import annotations

import re

import duckdb

from lib.contract import Column, duckdb_type

FIRST_YEAR, LAST_YEAR = 1900, 2100
# The build takes a number with more digits before the point for one that was not given.
LARGEST_NUMBER = 999_999_999_999
# What tools write where there is nothing, in their spelling: an account may well be called none.
_NONE_WORDS = (
    "NULL", "null", "None", "NaN", "nan", "NaT", "NA", "<NA>", "N/A", "n/a", "#N/A", "undefined",
    r"\N",
)  # fmt: skip
# Room for 26 digits before the point and for all that a contract type has behind it.
_WIDE_DECIMAL = "DECIMAL(38,12)"
_SCIENTIFIC = r"[+-]?[0-9]([.,][0-9]+)?[eE][+][0-9]+"

# What can be wrong with values, by the name that `problem` gives it.
_PROBLEMS = {
    "type": "values that do not cast to {type}",
    "year": f"years outside {FIRST_YEAR} to {LAST_YEAR}",
    "digits": "more than 12 digits before the point",
    "decimals": "more decimals than {type} holds",
    "none_word": "a word for none as a key",
    "scientific": "keys in scientific notation",
    "inexact": "floating-point numbers as keys",
}
_TYPE_MENDS = {
    "date": "write YYYY-MM-DD, such as cast(strptime({column}, ['%d/%m/%Y', '%Y-%m-%d']) as date),"
    " with every format that occurs, or null where there is no day",
    "timestamp": "write YYYY-MM-DD HH:MM:SS with a zone or in UTC, such as"
    " strptime({column}, ['%d/%m/%Y %H:%M', '%Y-%m-%d %H:%M']), with every format that occurs, or"
    " to_timestamp(cast({column} as double)) for seconds, or null where there is none",
    "bigint": "write a whole number, such as round(cast({column} as double)),"
    " or nullif({column}, 'n/a') for a word that means none",
    "boolean": "write true or false, such as {column} = 'active'",
    "decimal": "write a number that fits, such as replace({column}, ',', '') for 1,200.50,"
    " replace(replace({column}, '.', ''), ',', '.') for 1.200,50,"
    " or nullif({column}, 'n/a') for a word that means none",
    "string": "write a text",
}
_MENDS = {
    "year": "write four digits of the year, such as cast(strptime({column}, '%d-%m-%y') as date)"
    " for 31-01-25, and null for a day that means none or no end, such as"
    " nullif({column}, '9999-12-31')",
    "digits": "write null where the number means none, or the number in a larger unit",
    "decimals": "round it, such as round(cast({column} as decimal(38,12)), {scale})",
    "none_word": "nullif({column}, '{value}'); if it is a real key, write something before all keys"
    " of this kind, in every table, such as 'id-' || {column}",
    "scientific": "the digits are lost in the file, as spreadsheets shorten long numbers; export it"
    " again with the column as text",
    "inexact": "cast({column} as bigint) if all of them are whole numbers, else export texts",
}


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def is_key(column: Column) -> bool:
    """Whether rows are found by the column, so that one text in it is one thing."""
    return column.name.endswith("_id") or column.name == "feature_key"


def is_none_word(text: str) -> str:
    """Condition on a text: it is a word that tools write where there is nothing."""
    words = ", ".join(f"'{word}'" for word in _NONE_WORDS)
    return f"trim({text}) in ({words})"


def widened(column: Column, given: duckdb.DuckDBPyType) -> str:
    """Two columns: the value as given, and in a type in which it can be judged.

    Judging and the last cast are done on top of this one (`problem`, `strict`), so that a text is
    read once per value and not once per question about it.
    """
    value = quoted(column.name)
    target = duckdb_type(column.data_type)
    if target in ("DATE", "TIMESTAMP"):
        wide = f"cast(try_cast({value} as timestamptz) as timestamp)"
    elif _is_number(column):
        wide = f"try_cast({_exact_digits(value, given)} as {_WIDE_DECIMAL})"
    else:
        # A boolean from a text, so that 2 is not taken for true.
        wide = f"try_cast(cast({value} as varchar) as {target})"
    return f"{value} as {_given(column)}, {wide} as {value}"


def problem(column: Column, given: duckdb.DuckDBPyType) -> str:
    """What is wrong with a value of widened columns, by its name; null where nothing is."""
    wide = quoted(column.name)
    target = duckdb_type(column.data_type)
    reasons: dict[str, str] = {}
    if target in ("DATE", "TIMESTAMP"):
        reasons["type"] = f"{wide} is null or not isfinite({wide})"
        reasons["year"] = f"year({wide}) not between {FIRST_YEAR} and {LAST_YEAR}"
    elif target == "BIGINT":
        reasons["digits"] = f"abs({wide}) > {LARGEST_NUMBER}"
        reasons["type"] = f"{wide} is null or {wide} <> trunc({wide})"
    elif _is_number(column):
        reasons["digits"] = f"abs({wide}) > {LARGEST_NUMBER}"
        reasons["decimals"] = f"{wide} <> round({wide}, {_scale(column)})"
        reasons["type"] = f"try_cast({wide} as {target}) is null"
    elif is_key(column):
        reasons["none_word"] = is_none_word(wide)
        reasons["scientific"] = f"regexp_full_match(trim({wide}), '{_SCIENTIFIC}')"
        if str(given) in ("DOUBLE", "FLOAT"):
            reasons["inexact"] = "true"
    else:
        reasons["type"] = f"{wide} is null"
    cases = " ".join(f"when {condition} then '{name}'" for name, condition in reasons.items())
    return f"case when {_given(column)} is null then null {cases} end"


def strict(column: Column, given: duckdb.DuckDBPyType) -> str:
    """The contract's value from widened columns; the query fails on the first bad one."""
    wide = quoted(column.name)
    value = f"cast({wide} as {duckdb_type(column.data_type)})"
    judged = f"({problem(column, given)}) is not null"
    return f"case when {judged} then error('bad value') else {value} end as {wide}"


def given_text(column: Column) -> str:
    """The value as given, from widened columns, to be shown to a person."""
    return f"cast({_given(column)} as varchar)"


def complaint(name: str, column: Column) -> str:
    """A problem of a column in words."""
    return _PROBLEMS[name].format(type=column.data_type)


def mend(name: str, column: Column, value: str = "NULL") -> str:
    """What to write in a mapping about values with a problem, of which `value` is one."""
    kind = column.data_type.split("(")[0].strip().lower()
    text = _TYPE_MENDS[kind] if name == "type" else _MENDS[name]
    value = value.replace("'", "''")
    return text.format(column="<column>", value=value, scale=_scale(column))


def _exact_digits(value: str, given: duckdb.DuckDBPyType) -> str:
    """A number; of a floating-point one the text of those digits that are no noise."""
    if str(given) == "DOUBLE":
        return f"printf('%.15g', {value})"
    return f"cast({value} as varchar)" if str(given) == "FLOAT" else value


def _is_number(column: Column) -> bool:
    return duckdb_type(column.data_type).startswith(("BIGINT", "DECIMAL"))


def _scale(column: Column) -> str:
    match = re.search(r",\s*(\d+)\)", column.data_type)
    return match[1] if match else "0"


def _given(column: Column) -> str:
    return quoted(f"given {column.name}")
