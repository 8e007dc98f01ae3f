"""The models against the reference scorer: every account, day and contribution of generated worlds."""

import shutil
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from reference.scorer import Result, read_seeds, score
from support.worlds import QUICK, World, built_again

SCORES = """
    select account_id, as_of_date, health_score, data_score, coverage, raw_band, scorecard_id,
        scorecard_version, segment_id, lifecycle_stage, seats, recurring_revenue, renewal_date,
        score_reason
    from marts.account_health_daily
"""
CONTRIBUTIONS = """
    select account_id, as_of_date, contribution_kind, dimension_id, signal_id, product_id, rule_id,
        value, scale, points, effective_weight, contribution, points_lost, state, state_reason,
        rule_level
    from marts.health_contributions
"""
SHADOWS = """
    select account_id, as_of_date, scorecard_id, scorecard_version, health_score, raw_band
    from intermediate.int_scoring__scores
    where status != 'live'
"""
STAGED = """
    select source_id, rows_staged, rows_rejected, rows_duplicate, rows_conflict
    from marts.source_health
    where as_of_date = (select max(as_of_date) from marts.source_health) and is_on
"""


def rows_by_key(database: Path, query: str, key_columns: int) -> dict[tuple, tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    return {row[:key_columns]: row[key_columns:] for row in rows}


def close(mart: Decimal | None, reference, places: int) -> bool:
    """Equal after the mart's rounding: one unit of its last place, for the noise of a double."""
    if mart is None or reference is None:
        return mart is None and reference is None
    return abs(Decimal(mart) - Decimal(float(reference))) <= Decimal(1).scaleb(-places)


def differences(reference: Result, database: Path) -> list[str]:
    """Every row on which the marts and the reference disagree, in words."""
    found: list[str] = []
    scores = rows_by_key(database, SCORES, 2)
    for key in sorted(scores.keys() ^ reference.scores.keys()):
        found.append(f"score {key}: only in {'marts' if key in scores else 'reference'}")
    for key in scores.keys() & reference.scores.keys():
        mart, plain = scores[key], reference.scores[key]
        expected = (
            plain.health_score, plain.data_score, plain.coverage or Decimal(0), plain.band,
            plain.scorecard_id, plain.scorecard_version, plain.segment_id, plain.lifecycle_stage,
            plain.seats, plain.recurring_revenue, plain.renewal_date, plain.score_reason,
        )
        if mart != expected:
            found.append(f"score {key}: marts {mart}, reference {expected}")

    contributions = rows_by_key(database, CONTRIBUTIONS, 7)
    for key in sorted(contributions.keys() ^ reference.contributions.keys()):
        where = "marts" if key in contributions else "reference"
        found.append(f"contribution {key}: only in {where}")
    for key in contributions.keys() & reference.contributions.keys():
        value, scale, points, weight, contribution, lost, state, reason, level = contributions[key]
        plain = reference.contributions[key]
        if key[2] == "clamp":
            same = contribution == plain.contribution
        else:
            same = (
                (contribution, lost, state, reason, level)
                == (
                    plain.contribution, plain.points_lost, plain.state, plain.state_reason,
                    plain.rule_level,
                )
                and close(value, plain.value, 6)
                and close(points, plain.points, 4)
                and close(weight, plain.effective_weight, 8)
                and (plain.points is None or close(scale, plain.scale or 1, 6))
            )
        if not same:
            found.append(f"contribution {key}: marts {contributions[key]}, reference {plain}")

    shadows = rows_by_key(database, SHADOWS, 4)
    for key in sorted(shadows.keys() ^ reference.shadow_scores.keys()):
        found.append(f"shadow {key}: only in {'models' if key in shadows else 'reference'}")
    for key in shadows.keys() & reference.shadow_scores.keys():
        plain = reference.shadow_scores[key]
        if shadows[key] != (plain.health_score, plain.band):
            found.append(f"shadow {key}: models {shadows[key]}, reference {plain}")

    for (table,), mart in rows_by_key(database, STAGED, 1).items():
        counts = reference.staging[table]
        expected = (
            counts.staged, sum(counts.rejected.values()), counts.duplicates, counts.conflicts
        )
        if mart != expected:
            found.append(f"staging {table}: marts {mart}, reference {expected}")
    return found


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.quick if name == QUICK else ())
        for name in (
            "daily", "weekly", "sources off", "versions", "point rules", "dark", "every signal",
        )
    ],
)
def test_marts_equal_the_reference(name: str, worlds: Callable[[str], World]) -> None:
    world = worlds(name)
    reference = score(
        world.raw,
        world.seeds / "scorecard",
        cadence=world.cadence,
        start_date=world.start_date,
        base_currency=world.base_currency,
    )
    assert len(reference.scores) > 500, "the world is too small to show anything"
    if name == "daily":
        states = {
            row.state for key, row in reference.shadow_contributions.items()
            if "products_in_use" in key
        }  # fmt: skip
        assert {"observed", "not_applicable"} <= states
    if name == "versions":
        levels = {row.rule_level for row in reference.contributions.values()}
        assert levels == {"account", "scorecard", "base"}
        observed = {
            key[4] for key, row in reference.contributions.items() if row.state == "observed"
        } | {
            key[6] for key, row in reference.shadow_contributions.items() if row.state == "observed"
        }
        assert {
            "how_to_share", "ticket_sentiment", "ticket_change", "first_response_time",
            "resolution_time", "trainings_per_seat", "plan_on_track", "short_days_late",
            "failed_payment_share", "auto_renew_share", "days_to_renewal", "churn_notice",
            "usage_trend", "usage_anomaly", "few_peers", "adoption_trend", "last_ticket", "aging_csat",
            "login_frequency", "usage_volume", "usage_depth", "adopted_features", "module_coverage",
            "advanced_share", "time_in_product", "usage_consistency", "time_decline",
            "consistency_decline", "failure_rate", "failures_unexpected", "new_user_share",
            "user_growth", "seat_limit",
            "contact_recency", "meetings", "attendance", "marketing_interactions",
            "engaged_contacts", "engaged_roles", "sponsor_days", "sponsor_left", "sponsor_gone",
            "champion_left", "champion_gone", "short_advocacy", "short_referrals", "signs_of_life",
            "short_nps", "short_reach", "short_csat", "short_ces", "short_replies",
        } <= observed
        assert sum(row.health_score is not None for row in reference.shadow_scores.values()) > 100
    if name == "point rules":
        paces = [row for key, row in reference.contributions.items() if key[4] == "milestone_pace"]
        assert {row.state for row in paces} == {"observed", "in_grace", "not_applicable"}
        assert len({row.value for row in paces}) > 4
        given = {(key[-1], row.rule_level) for key, row in reference.shadow_contributions.items()}
        assert {("negative_review", "scorecard"), ("talk_and_use", "base")} <= given
        rules = [key[-1] for key in reference.contributions if key[2] == "point_rule"]
        assert len(set(rules)) == 7 and len(rules) > 500
    if name == "every signal":
        values = defaultdict(set)
        for key, row in reference.contributions.items():
            if row.state == "observed" and key[4] != "none":
                values[key[4]].add(row.value / (row.scale or 1))
        registered = {row["signal_id"] for row in read_seeds(world.seeds / "scorecard")["signals"]}
        assert registered == values.keys()
        assert not [signal for signal, seen in values.items() if len(seen) < 2]
    if name == "dark":
        kinds = {key[2] for key, row in reference.contributions.items() if row.contribution}
        assert kinds == {"signal", "pulse", "point_rule", "cap", "clamp"}
        assert any(key[6] == "dark_source" for key in reference.contributions)
        assert any(
            key[2] == "cap" and row.state == "missing" for key, row in reference.contributions.items()
        )
    found = differences(reference, world.database)
    assert not found, f"{len(found)} differences, such as:\n" + "\n".join(found[:10])


def test_a_difference_is_found(worlds: Callable[[str], World]) -> None:
    """The comparison above can fail: one changed score, contribution and count are each named."""
    world = worlds("weekly")
    reference = score(world.raw, world.seeds / "scorecard", cadence=world.cadence)
    key = next(key for key, row in reference.scores.items() if row.health_score is not None)
    reference.scores[key].health_score += Decimal("0.0001")
    contribution = next(
        key for key, row in reference.contributions.items() if row.effective_weight is not None
    )
    reference.contributions[contribution].contribution += Decimal("0.0001")
    reference.staging["usage_events"].staged += 1
    found = differences(reference, world.database)
    assert [text.split(" ")[0] for text in found] == ["score", "contribution", "staging"]


def test_a_new_exchange_rate_moves_no_score(worlds: Callable[[str], World], tmp_path: Path) -> None:
    """Later rates of every currency change by half: revenue, invoices and all else stay what they were."""
    world = worlds("versions")
    raw = tmp_path / "raw"
    shutil.copytree(world.raw, raw)
    with duckdb.connect() as connection:
        connection.execute(f"""
            create view rates as select * from '{world.raw}/exchange_rates.parquet';
            create view moved as
            select
                currency,
                valid_from,
                rate_to_base * case when is_first then 1 else 1.5 end as rate_to_base,
                loaded_at
            from (
                select *, valid_from = min(valid_from) over (partition by currency) as is_first
                from rates
            )
        """)
        connection.execute(
            f"copy (select * replace (rate_to_base::decimal(18, 8) as rate_to_base) from moved) "
            f"to '{raw}/exchange_rates.parquet' (format parquet)"
        )
        (foreign,) = connection.execute(f"""
            select count(distinct currency) from '{raw}/invoices.parquet'
            where currency in (select currency from rates group by all having count(*) > 1)
        """).fetchone()
        assert foreign > 1, "no invoice is in a currency whose rate moves"
    database = built_again(world, tmp_path, "base_billing__exchange_rates+", raw=raw)
    for query, keys in ((SCORES, 2), (CONTRIBUTIONS, 6), (SHADOWS, 4)):
        before = rows_by_key(world.database, query, keys)
        assert before == rows_by_key(database, query, keys)
