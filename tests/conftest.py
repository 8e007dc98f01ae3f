"""Fixtures of all tests. Helpers live in tests/support; scripts are imported by their names."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from support.postgres import postgres_server  # noqa: E402
from support.worlds import World, built_world  # noqa: E402

# The companies that tests share. Each is generated and built the first time a test asks for it.
WORLDS = {
    "daily": dict(seed=1, weeks=26),
    # Long enough for windows to close under a released model.
    "weekly": dict(
        seed=2,
        weeks=40,
        cadence="week",
        rows=(
            ("churn_models", ("m0,quarter,2025-01-01,1.96,tests,before anything",)),
            ("churn_model_terms", ("m0,intercept,-1", "m0,score,-0.02")),
            (
                "churn_model_covariances",
                (
                    "m0,intercept,intercept,0.09", "m0,intercept,score,-0.0012",
                    "m0,score,intercept,-0.0012", "m0,score,score,0.000025",
                ),
            ),
        ),
    ),
    "sources off": dict(
        seed=3,
        weeks=26,
        off=(
            "entitlements", "users", "payments", "exchange_rates", "calendar_days", "touchpoints",
        ),
    ),
    # A second version of two scorecards midway, a shadow, a segment that begins and ends, overrides.
    "versions": dict(
        seed=4,
        weeks=26,
        rows=(
            (
                "scorecards",
                (
                    "standard,2,2026-03-15,live,standard,1,0.5,0.6,3,7,5,tests,other weights",
                    "small_business,2,2026-04-01,live,standard,2,0.4,0.4,2,7,5,tests,on the new base",
                    "small_business,3,2026-05-01,shadow,small_business,1,0.3,0.2,1,7,5,tests,what if",
                    "education,9,2026-05-01,shadow,education,1,0.3,0.2,1,7,5,tests,what if",
                    "education,2,2026-04-01,live,education,1,0.3,0.2,1,7,5,tests,for the veterans",
                    # Asked of every account, beside the shipped readiness to grow.
                    "uptake,1,1900-01-01,expansion,none,0,0.4,0.4,1,7,5,tests,every signal of adoption",
                ),
            ),
            (
                "dimensions",
                (
                    "standard,2,usage,55", "standard,2,engagement,0", "standard,2,support,25",
                    "small_business,3,support,0", "small_business,3,usage,55",
                    "education,9,outcomes,0", "education,9,engagement,45",
                    "uptake,1,adoption,100",
                ),
            ),
            (
                "scorecard_signals",
                (
                    "standard,2,usage,active_days,20,active_days",
                    "standard,2,usage,sudden_decline,0,decline_ratio",
                    "standard,2,usage,usage_change,10,change_ratio",
                    "education,2,usage,active_users_per_student,5,student_share",
                    "education,2,usage,usage_trend,10,tilt",
                    "education,2,usage,usage_anomaly,10,odd",
                    "education,2,usage,few_peers,5,percent",
                    "education,2,usage,adoption_trend,5,tilt",
                    "education,2,support,csat,0,csat",
                    "education,2,support,repeat_topics,0,repeat_topics",
                    "education,2,support,last_ticket,10,days_since",
                    "education,2,support,aging_csat,30,csat",
                    "uptake,1,adoption,login_frequency,5,days_a_week",
                    "uptake,1,adoption,usage_volume,5,events_per_seat",
                    "uptake,1,adoption,usage_depth,5,events_per_day",
                    "uptake,1,adoption,adopted_features,10,adoption_share",
                    "uptake,1,adoption,module_coverage,10,module_share",
                    "uptake,1,adoption,advanced_share,10,advanced_share",
                    "uptake,1,adoption,time_in_product,5,steady_minutes",
                    "uptake,1,adoption,usage_consistency,10,steady_minutes",
                    "uptake,1,adoption,time_decline,5,steady_ratio",
                    "uptake,1,adoption,consistency_decline,5,steady_ratio",
                    "uptake,1,adoption,failure_rate,5,failures",
                    "uptake,1,adoption,failures_unexpected,5,failures_unexpected",
                    "uptake,1,adoption,products_in_use,5,product_share",
                    "uptake,1,adoption,new_user_share,5,new_share",
                    "uptake,1,adoption,user_growth,5,growth_ratio",
                    "uptake,1,adoption,seat_limit,5,limit_near",
                    "small_business,3,outcomes,overdue_age,50,overdue_days",
                    "small_business,3,outcomes,renewal_notice,0,notice_share",
                ),
            ),
            (
                "product_weights",
                (
                    "education,2,workspace,key_feature_adoption,0",
                    "education,2,workspace,feature_breadth,30",
                    "education,2,workspace,adoption_trend,10",
                    "standard,2,insights,key_feature_adoption,33",
                    "standard,2,insights,feature_breadth,2",
                ),
            ),
            # Few accounts of a test world are of one segment, so three peers must do.
            (
                "signals",
                (
                    "few_peers,Among few,usage,account,percentile,active_users_per_seat,28,none,0,0,100,missing,none,usage_events.user_id,account,35,0,0,0,3,percent,tests",
                    "adoption_trend,Trend,usage,product,slope,feature_breadth,42,none,0,0,1,missing,none,usage_events,account,42,0,0,0,3,change a week,tests",
                    "last_ticket,Since the last ticket,support,account,recency,tickets_opened,60,none,0,0,1,missing,none,support_tickets,account,14,0,0,0,0,days,tests",
                    "aging_csat,Aging csat,support,account,ratio,csat_score,90,csat_responses,90,0,1,missing,none,survey_responses,account,28,20,60,0,0,mean score,tests",
                ),
            ),
            (
                "curves",
                (
                    "tilt,-0.1,0", "tilt,0.1,100", "odd,-2,30", "odd,0,100", "odd,2,50",
                    "percent,0,0", "percent,100,100", "days_since,0,90", "days_since,60,10",
                ),
            ),
            (
                "bands",
                (
                    "standard,2,critical,0,55", "standard,2,at_risk,55,85.5",
                    "standard,2,healthy,85.5,100",
                    "uptake,1,low,0,50", "uptake,1,high,50,100",
                ),
            ),
            (
                "segments",
                (
                    "europe,5,region,is,EU,enterprise,2026-02-01,2026-04-30,a quarter long",
                    "veterans,6,tenure_days,at_least,200,education,1900-01-01,9999-12-31,long here",
                    "veterans,6,plan,is_not,enterprise,education,1900-01-01,9999-12-31,and small",
                ),
            ),
            ("churn_models", ("m1,quarter,2026-04-01,1.96,tests,calibrated",)),
            ("churn_model_terms", ("m1,intercept,0.5", "m1,score,-0.05")),
            (
                "churn_model_covariances",
                (
                    "m1,intercept,intercept,0.09", "m1,intercept,score,-0.0012",
                    "m1,score,intercept,-0.0012", "m1,score,score,0.000025",
                ),
            ),
            (
                "account_overrides",
                tuple(
                    f"o{number}{field},{account},{signal},{field},{value},2026-02-10,2026-05-20,tests,why"
                    for number, account in enumerate(("acc_000003", "acc_000007", "acc_000011"))
                    for signal, field, value in (
                        ("active_users_per_seat", "scale_factor", "0.5"),
                        ("ticket_rate", "weight", "60"),
                        ("active_days", "curve_id", "days_per_user"),
                    )
                ),
            ),
        ),
    ),
    # The shipped point rules, one of three steps, one that is always cooling down; a version that begins
    # midway and counts what happened before it, a shadow that turns a rule round and takes one out.
    "point rules": dict(
        seed=5,
        weeks=26,
        rows=(
            (
                "scorecards",
                (
                    "standard,2,2026-03-15,live,standard,1,0.4,0.4,2,7,5,tests,with rules",
                    "enterprise,2,2026-03-15,live,enterprise,1,0.4,0.4,2,7,5,tests,with a rule",
                    "small_business,2,1900-01-02,live,small_business,1,0.4,0.4,2,7,5,tests,with rules",
                    "small_business,3,2026-03-15,shadow,small_business,2,0.4,0.4,2,7,5,tests,what if",
                ),
            ),
            (
                "point_rule_steps",
                (
                    "talk_and_use,1,meeting,any,1", "talk_and_use,2,feature,edit_task,2",
                    "talk_and_use,3,ticket,any,1", "often,1,feature,create_project,1",
                    "learn,1,training,any,1", "learn,2,goal,any,1",
                ),
            ),
            (
                "point_rules",
                (
                    "standard,2,negative_review,-5,1,90,30,10,Negative review",
                    "standard,2,talk_and_use,1.5,21,30,3,4,Talk and use",
                    "enterprise,2,learn,60,60,45,0,60,Learn and achieve",
                    "small_business,2,pricing_then_question,5,14,90,30,10,Pricing page and question",
                    "small_business,2,negative_review,-12,1,90,30,20,Negative review",
                    "small_business,2,talk_and_use,1.5,21,30,3,4,Talk and use",
                    "small_business,2,often,-0.75,1,28,7,2.25,Often",
                    "small_business,2,learn,2,60,45,0,6,Learn and achieve",
                    "small_business,3,pricing_then_question,-3,10,30,1,9,Pricing page and question",
                    "small_business,3,negative_review,-70,1,90,0,100,Negative review",
                    "small_business,3,often,0,1,28,7,2.25,Often",
                ),
            ),
        ),
    ),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full-worlds",
        action="store_true",
        help="test_known_truth.py on both worlds at full size (make check-worlds)",
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[dict[str, str]]:
    """HEALTH_PG_* settings of a PostgreSQL server that lives as long as the session."""
    with postgres_server() as settings:
        yield settings


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """A function from a name in WORLDS to that company, built."""
    base = tmp_path_factory.mktemp("worlds")
    return lambda name: built_world(base / name.replace(" ", "_"), **WORLDS[name])
