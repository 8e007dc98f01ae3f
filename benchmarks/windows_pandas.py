"""The people active in the last 14, 28 and 91 days, for every account and scored day, by plain pandas.

Reads two tables of benchmarks/floor.sql (`account_days`, `user_days`), which must have run on the same
connection. Who was active is a grid of days × people for each account, whose rolling maximum says who was
active in the window; its sum over the people is the figure.

    python benchmarks/windows_pandas.py RAW_FOLDER
"""

import sys
from pathlib import Path

import duckdb
import pandas as pd

FLOOR = Path(__file__).with_name("floor.sql")
WINDOWS = (14, 28, 91)


def active_users(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row an account, scored day and window: account_id, as_of_date, window_days, active_users."""
    account_days = connection.sql("select account_id, as_of_date from account_days").df()
    user_days = connection.sql(
        "select distinct account_id, user_id, activity_date from user_days where user_id is not null"
    ).df()
    last_day = account_days["as_of_date"].max()
    counts = {}
    for account, rows in user_days.groupby("account_id"):
        days = pd.date_range(rows["activity_date"].min(), max(rows["activity_date"].max(), last_day))
        grid = pd.crosstab(rows["activity_date"], rows["user_id"]).reindex(days, fill_value=0)
        for window in WINDOWS:
            counts[account, window] = grid.rolling(f"{window}D").max().sum(axis="columns")
    keys = ["account_id", "window_days", "as_of_date"]
    found = pd.concat(counts, names=keys).rename("active_users").reset_index()
    joined = account_days.merge(pd.DataFrame({"window_days": WINDOWS}), how="cross")
    joined = joined.merge(found, how="left", on=keys)
    return joined.fillna({"active_users": 0}).astype({"active_users": "int64"})


if __name__ == "__main__":
    with duckdb.connect() as connection:
        connection.execute("set variable raw = ?", [sys.argv[1]])
        connection.execute(FLOOR.read_text(encoding="utf-8"))
        print(active_users(connection))
