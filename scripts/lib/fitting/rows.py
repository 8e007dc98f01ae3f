"""The rows to fit on: what validation judges, beside the scores of dimensions and the points of signals.

Outcomes, accounts and integrity are read by lib.validation.reading; only the columns that it does not
need are read here. The SQL runs on DuckDB and PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from lib.validation.reading import (
    EPOCH,
    Horizon,
    Observations,
    account_codes,
    as_date,
    choose_horizon,
    coded,
    horizons,
    read_observations,
)
from lib.warehouse import Warehouse, WarehouseError

# The rows of a score that are weighed: neither point rules nor clamps nor caps.
WEIGHED = "dimension_id != 'none'"
ROWS = ["account", "date", "score", "churned", "scorecard_id", "scorecard_version", "segment_id"]


@dataclass(frozen=True)
class Evidence:
    """Rows with a score and a known outcome, accounts as codes below `accounts`, ordered as the mart.

    rows: account, date (days since 1970-01-01), score, churned (0 or 1), scorecard, segment.
    last_day: the last scored day; nothing that happened after it is known.
    broken: counts of rows that no honest history can hold; empty where there are none.
    """

    horizon: Horizon
    rows: pd.DataFrame
    accounts: int
    last_day: date
    broken: dict[str, int]


@dataclass(frozen=True)
class Dimensions:
    """Scores of the dimensions (rows × names, NaN: not observed) and their mean weights in force.

    weights: mean effective weight where everything was observed, which makes 1.
    """

    names: list[str]
    scores: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Signals:
    """Points of signals (rows × names, NaN: not observed) and whether a signal applied to the account.

    weighed: per row what all signals contribute together, before point rules, clamps and caps (NaN: no score).
    """

    names: list[str]
    points: np.ndarray
    applies: np.ndarray
    weighed: np.ndarray

    def of(self, chosen: np.ndarray) -> Signals:
        """The same of some rows."""
        return Signals(
            self.names, self.points[chosen], self.applies[chosen], self.weighed[chosen]
        )


def read_evidence(warehouse: Warehouse, schema: str, wanted: str | None, gap: int | None) -> Evidence:
    """The rows of a horizon. Raises WarehouseError where a mart or the horizon is not there."""
    horizon = choose_horizon(horizons(warehouse, schema), wanted, gap)
    return evidence_of(read_observations(warehouse, schema, horizon))


def evidence_of(marts: Observations) -> Evidence:
    """The rows that may be fitted or judged on."""
    outcomes = marts.outcomes
    known = outcomes.churned.notna() & outcomes.score.notna()
    return Evidence(
        horizon=marts.horizon,
        rows=outcomes.loc[known, ROWS].reset_index(drop=True),
        accounts=marts.accounts,
        last_day=as_date(marts.last_day),
        broken={name: count for name, count in marts.integrity.items() if count},
    )


def read_dimensions(warehouse: Warehouse, schema: str, evidence: Evidence) -> Dimensions:
    """Scores of all dimensions on the dates of the rows."""
    names = _names(warehouse, schema, evidence, "dimension_health_daily", "dimension_id")
    columns = [
        column
        for number, name in enumerate(names)
        for column in (
            f"max(case when dimension_id = {_text(name)} then dimension_score end) as s{number}",
            f"max(case when dimension_id = {_text(name)} then effective_weight end) as w{number}",
        )
    ]
    found = _aligned(warehouse, schema, evidence, "dimension_health_daily", columns)
    scores = _matrix(found, "s", len(names))
    weights = _matrix(found, "w", len(names))
    complete = ~np.isnan(scores).any(axis=1)
    total = np.nan_to_num(weights[complete] if complete.any() else weights).sum(axis=0)
    return Dimensions(names, scores, total / total.sum() if total.sum() else total)


def read_signals(warehouse: Warehouse, schema: str, evidence: Evidence) -> Signals:
    """Points of all signals, judgements included, on the dates of the rows; products by their weight in the score."""
    names = _names(warehouse, schema, evidence, "health_contributions", "signal_id")
    columns = [f"sum(case when {WEIGHED} then contribution end) as weighed"]
    for number, name in enumerate(names):
        inside = f"case when {WEIGHED} and signal_id = {_text(name)} then"
        columns += [
            f"coalesce(sum({inside} effective_weight * points end)"
            f" / nullif(sum({inside} effective_weight end), 0), avg({inside} points end)) as s{number}",
            f"max({inside} case when state = 'not_applicable' then 0 else 1 end end) as w{number}",
        ]
    found = _aligned(warehouse, schema, evidence, "health_contributions", columns)
    points = _matrix(found, "s", len(names))
    applies = _matrix(found, "w", len(names)) == 1
    return Signals(names, points, applies, found.weighed.astype(float).to_numpy())


def _names(
    warehouse: Warehouse, schema: str, evidence: Evidence, mart: str, column: str
) -> list[str]:
    kind = f"and {WEIGHED}" if column == "signal_id" else ""
    found = warehouse.rows(
        f"""
        select distinct {column} as name from {schema}.{mart}
        where as_of_date in ({_dates(schema, evidence)}) {kind}
        order by {column}
        """
    )
    return [row["name"] for row in found]


def _aligned(
    warehouse: Warehouse, schema: str, evidence: Evidence, mart: str, columns: list[str]
) -> pd.DataFrame:
    """The columns per account and date of a mart, one row for each of the rows in their order.

    The score is carried along, so that rows of another build are noticed.
    """
    dates, comma = _dates(schema, evidence), "".join(f", {column}" for column in columns)
    given = "".join(f", facts.{column.rpartition(' as ')[2]}" for column in columns)
    horizon = _text(evidence.horizon.horizon_id)
    cursor = warehouse.connection.cursor()
    query = f"""
        with outcomes as (
            select account_id, observation_date, health_score
            from {schema}.health_outcomes
            where horizon_id = {horizon}
        ),

        facts as (
            select account_id, as_of_date{comma}
            from {schema}.{mart}
            where as_of_date in ({dates})
            group by account_id, as_of_date
        )

        select
            outcomes.account_id,
            outcomes.observation_date - {EPOCH} as date,
            cast(outcomes.health_score as double precision) as known_score{given}
        from outcomes
        left join facts
            on outcomes.account_id = facts.account_id
            and outcomes.observation_date = facts.as_of_date
    """
    warehouse.rows(f"select * from ({query}) as explained limit 0")  # says what is missing
    cursor.execute(query)
    frame = pd.DataFrame(cursor.fetchall(), columns=[name for name, *_ in cursor.description])
    cursor.close()
    frame = coded(frame, account_codes(warehouse, schema)).astype({"date": int, "known_score": float})
    found = evidence.rows[["account", "date", "score"]].merge(
        frame, on=["account", "date"], how="left", validate="one_to_one"
    )
    if not np.array_equal(found.score, found.known_score):
        raise WarehouseError(
            f"{warehouse.place}: {schema}.health_outcomes changed while it was read."
            " Mend: wait until the build has ended"
        )
    return found


def _matrix(found: pd.DataFrame, letter: str, count: int) -> np.ndarray:
    columns = [f"{letter}{number}" for number in range(count)]
    return found[columns].astype(float).to_numpy().reshape(len(found), count)


def _dates(schema: str, evidence: Evidence) -> str:
    horizon = _text(evidence.horizon.horizon_id)
    return f"select observation_date from {schema}.health_outcomes where horizon_id = {horizon}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
