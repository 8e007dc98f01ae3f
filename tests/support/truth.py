"""Built worlds held against what their generator knows: the true risk of every account and week."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from lib.validation.baselines import ceiling_comparison
from lib.validation.bootstrap import Resamples
from lib.validation.discrimination import Comparison, comparison
from lib.validation.protocol import Refusals, split_by_date
from lib.validation.reading import EPOCH, choose_horizon, horizons, read_marts
from lib.warehouse import open_warehouse


@dataclass(frozen=True)
class AgainstTruth:
    """What the best possible ranking makes of the rows on which it is known.

    score: the score against the true risk. boosting: the true risk (as the score) against boosting on the
    signals, later than its fit. expected, observed: mean true risk and rate of churn. left_out: judged
    rows without a true risk (in a trial, or planted).
    """

    score: Comparison
    boosting: Comparison | None
    expected: float
    observed: float
    left_out: int


def against_truth(
    database: Path, truth: Path, horizon_id: str, bootstraps: int = 100
) -> AgainstTruth:
    """The judged rows of a world, at the end of whose day the generator knows the risk of the window."""
    with open_warehouse(database) as warehouse:
        horizon = choose_horizon(horizons(warehouse, "marts"), horizon_id, None)
        marts = read_marts(warehouse, "marts", horizon)
        keys = pd.DataFrame(
            warehouse.rows(
                f"""
                select account_id, observation_date - {EPOCH} as date
                from marts.health_outcomes
                where horizon_id = '{horizon_id}'
                order by account_id, observation_date
                """
            )
        )
    assert (keys.date == marts.outcomes.date).all()
    # A window that opens and closes with a week. Its risk, for whoever did not leave before it opened.
    opens, closes = horizon.gap_days // 7, horizon.window_days // 7
    assert (7 * opens, 7 * closes) == (horizon.gap_days, horizon.window_days)
    known = duckdb.sql(
        f"""
        select
            account_id,
            cast(as_of_date - {EPOCH} as bigint) as date,
            1 - (1 - churn_probability_{closes:02d}w) / (1 - churn_probability_{opens:02d}w) as risk
        from '{truth}/account_weeks.parquet'
        """
    ).df()
    outcomes = marts.outcomes.assign(account_id=keys.account_id)
    outcomes = outcomes.merge(known, on=["account_id", "date"], how="left", validate="one_to_one")
    judged = outcomes[outcomes.churned.notna() & outcomes.score.notna()]
    rows = judged[judged.risk.notna()].reset_index(drop=True)
    risk = rows.risk.to_numpy()
    resamples = Resamples(marts.accounts, bootstraps, seed=1)
    split = split_by_date(rows, horizon.window_days)
    best = rows.assign(score=-risk)
    return AgainstTruth(
        score=comparison(rows, "true risk", risk, resamples),
        boosting=ceiling_comparison(best, marts.signals, split, resamples, Refusals(), seed=1),
        expected=float(risk.mean()),
        observed=float(rows.churned.mean()),
        left_out=len(judged) - len(rows),
    )
