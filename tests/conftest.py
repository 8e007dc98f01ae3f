"""Fixtures of all tests. Helpers live in tests/support; scripts are imported by their names."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from support.every_signal import every_signal
from support.parallel import in_order, unit_of
from support.postgres import postgres_server
from support.worlds import World, built_world

# A scorecard of standard, small_business, enterprise and education that knows pulses and risk caps.
CAPS = (
    ("red_pulse", "pulse,at_most,0,39"),
    ("overdue", "overdue_age,at_least,30,69"),
    ("notice", "renewal_notice,above,0,39"),
)
CARDS = ("standard", "small_business", "enterprise", "education")
JUDGED = (
    (
        "scorecards",
        tuple(
            f"{card},8,1900-01-02,live,{card},1,0.4,0.4,2,7,5,tests,judged" for card in CARDS
        ),
    ),
    (
        "dimensions",
        tuple(
            f"{card},8,{row}"
            for card in CARDS
            for row in ("usage,35", "engagement,20", "support,15", "outcomes,15", "judgement,15")
        ),
    ),
    ("scorecard_signals", tuple(f"{card},8,judgement,pulse,100,pulse" for card in CARDS)),
    (
        "risk_caps",
        tuple(f"{card},8,{cap},{rule},none,{cap} caps" for card in CARDS for cap, rule in CAPS),
    ),
    ("point_rule_steps", ("trained,1,training,any,1", "asked,1,ticket,any,1")),
    (
        "point_rules",
        tuple(
            f"{card},8,{rule}"
            for card in CARDS
            for rule in ("trained,9,1,60,0,18,people were trained", "asked,-4,1,30,0,8,they asked")
        ),
    ),
)

# Two customers become one, which becomes a third; an account gets a new number, and a notice of before; end
# customers of a parent that changes, who never paid; and pointers that lead nowhere.
LINKED = (
    (
        "accounts",
        "update rows set merged_into_account_id = 'acc_000027', merged_on = date '2026-03-10'"
        " where account_id = 'acc_000026'",
    ),
    (
        "accounts",
        "update rows set merged_into_account_id = 'acc_000028', merged_on = date '2026-04-15'"
        " where account_id = 'acc_000027'",
    ),
    (
        "accounts",
        "insert into rows select * replace ('acc_later' as account_id) from rows where account_id = 'acc_000024'",
    ),
    (
        "accounts",
        "update rows set merged_into_account_id = 'acc_later', merged_on = date '2026-04-01'"
        " where account_id = 'acc_000024'",
    ),
    (
        "churn_events",
        "insert into rows select * replace ('acc_000024' as account_id, date '2026-03-20' as notice_given_on,"
        " null as ends_on, 'new number' as churn_event_id) from rows limit 1",
    ),
    ("subscriptions", "delete from rows where account_id in ('acc_000029', 'acc_000030')"),
    (
        "accounts",
        "update rows set parent_account_id = case when account_id = 'acc_000029' then 'acc_000025'"
        " else 'acc_000029' end where account_id in ('acc_000029', 'acc_000030')",
    ),
    (
        "accounts",
        "insert into rows select * replace (date '2026-04-20' as valid_from, 'acc_000026' as parent_account_id)"
        " from rows where account_id = 'acc_000029' order by valid_from limit 1",
    ),
    ("accounts", "update rows set parent_account_id = account_id where account_id = 'acc_000023'"),
    ("accounts", "update rows set merged_into_account_id = 'nobody' where account_id = 'acc_000015'"),
)

# The score calibrated, then the dimensions weighed anew, one of which points up, then one rate for all.
CHURN_MODELS = (
    (
        "churn_models",
        (
            "calibrated,quarter,2026-03-01,1.96,tests,the score",
            "weighed,quarter,2026-05-01,1.96,tests,dimensions",
            "average,quarter,2026-06-15,1.96,tests,the average rate",
        ),
    ),
    (
        "churn_model_terms",
        (
            "calibrated,intercept,0.5,1", "calibrated,score,-0.05,61.5",
            "weighed,intercept,-0.5,1", "weighed,usage,-0.04,62.25", "weighed,support,0.01,70",
            "average,intercept,-3,1",
        ),
    ),
    (
        "churn_model_covariances",
        tuple(
            f"{model},{one},{other},{0.01 if one == other else 0}"
            for model, terms in (
                ("calibrated", ("intercept", "score")),
                ("weighed", ("intercept", "usage", "support")),
                ("average", ("intercept",)),
            )
            for one in terms
            for other in terms
        ),
    ),
)

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
            ("churn_model_terms", ("m0,intercept,-1,1", "m0,score,-0.02,70")),
            (
                "churn_model_covariances",
                (
                    "m0,intercept,intercept,0.09", "m0,intercept,score,-0.0012",
                    "m0,score,intercept,-0.0012", "m0,score,score,0.000025",
                ),
            ),
        ),
    ),
    # Without rates only what is in the base currency is known.
    "sources off": dict(
        seed=3,
        weeks=26,
        base_currency="EUR",
        off=(
            "entitlements", "users", "payments", "exchange_rates", "calendar_days", "touchpoints",
        ),
    ),
    # Every signal of the registry weighs something, and has time to be observed.
    "every signal": dict(
        seed=8,
        weeks=84,
        accounts=60,
        events=40000,
        cadence="week",
        start_date=date(2026, 2, 15),
        rows=every_signal(),
    ),
    # Sources that fall silent one after the other, for good, for a while, or before they are missed twice;
    # people judge, and facts cap, in a version of their own that is live throughout; churn models; accounts that
    # count for others.
    "dark": dict(
        seed=5,
        weeks=26,
        shipped=False,
        silences=(
            ("support_tickets", "2026-03-10", "2026-04-12"),
            ("ticket_events", "2026-03-10", "2026-04-02"),
            ("survey_responses", "2026-04-01", "2026-12-31"),
            ("invoices", "2026-03-20", "2026-12-31"),
            ("payments", "2026-05-01", "2026-12-31"),
            ("usage_events", "2026-05-20", "2026-05-30"),
        ),
        edits=LINKED,
        rows=(*JUDGED, *CHURN_MODELS),
    ),
    # Most accounts are of one scorecard, education, for whose third version, a shadow, what-if asks. Another
    # version is live midway, and another shadow must not be in the way.
    "veterans": dict(
        seed=4,
        weeks=26,
        shipped=False,
        rows=(
            (
                "scorecards",
                (
                    "education,2,2026-03-15,live,education,1,0.4,0.4,2,7,5,tests,midway",
                    "education,3,2026-05-01,shadow,education,1,0.3,0.2,1,3,2,tests,what if",
                    "education,4,2026-05-01,shadow,education,1,0.4,0.4,2,7,5,tests,another shadow",
                ),
            ),
            ("dimensions", ("education,3,usage,55", "education,3,support,0")),
            (
                "bands",
                (
                    "education,2,critical,0,45", "education,2,at_risk,45,72",
                    "education,2,healthy,72,100", "education,3,critical,0,62",
                    "education,3,at_risk,62,80", "education,3,healthy,80,100",
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
        ),
    ),
    # A second version of two scorecards midway, a shadow, a segment that begins and ends, overrides; and
    # contacts that come by the fortnight.
    "versions": dict(
        seed=4,
        weeks=26,
        rhythms=(("touchpoints", 14),),
        shipped=False,
        rows=(
            (
                "scorecards",
                (
                    "enterprise,7,2026-04-15,live,enterprise,1,0.4,0.2,2,7,5,tests,support and money",
                    "standard,2,2026-03-15,live,standard,1,0.5,0.6,3,7,5,tests,other weights",
                    "small_business,2,2026-04-01,live,standard,2,0.4,0.4,2,7,5,tests,on the new base",
                    "small_business,3,2026-05-01,shadow,small_business,1,0.3,0.2,1,7,5,tests,what if",
                    "education,9,2026-05-01,shadow,education,1,0.3,0.2,1,7,5,tests,what if",
                    "education,2,2026-04-01,live,education,1,0.3,0.2,1,7,5,tests,for the veterans",
                    # Asked of every account, beside the shipped readiness to grow.
                    "uptake,1,1900-01-01,expansion,none,0,0.4,0.4,1,7,5,tests,every signal of adoption",
                    "education,6,2026-05-10,live,education,1,0.4,0.2,2,7,5,tests,people and answers",
                ),
            ),
            (
                "dimensions",
                (
                    "standard,2,usage,45", "standard,2,engagement,0", "standard,2,support,25",
                    "standard,2,judgement,10",
                    "enterprise,7,usage,10", "enterprise,7,engagement,0", "enterprise,7,support,20",
                    "enterprise,7,outcomes,30", "enterprise,7,money,30", "enterprise,7,enablement,10",
                    "small_business,3,support,0", "small_business,3,usage,55",
                    "education,9,outcomes,0", "education,9,engagement,45",
                    "uptake,1,adoption,100",
                    "education,6,usage,20", "education,6,engagement,10", "education,6,support,10",
                    "education,6,outcomes,0", "education,6,relationship,40",
                    "education,6,satisfaction,20",
                ),
            ),
            (
                "scorecard_signals",
                (
                    "enterprise,7,support,ticket_rate,0,ticket_rate",
                    "enterprise,7,support,severe_ticket_share,0,severe_share",
                    "enterprise,7,support,repeat_topics,0,repeat_topics",
                    "enterprise,7,support,reopen_rate,0,reopen_share",
                    "enterprise,7,support,csat,0,csat",
                    "enterprise,7,support,how_to_share,20,how_to_share",
                    "enterprise,7,support,ticket_sentiment,20,tone",
                    "enterprise,7,support,ticket_change,20,ticket_change",
                    "enterprise,7,support,first_response_time,20,response_hours",
                    "enterprise,7,support,resolution_time,20,resolution_hours",
                    "enterprise,7,enablement,trainings_per_seat,50,trainings_share",
                    "enterprise,7,enablement,plan_on_track,50,goals_share",
                    "enterprise,7,money,short_days_late,30,days_late",
                    "enterprise,7,money,failed_payment_share,20,failed_share",
                    "enterprise,7,money,auto_renew_share,20,auto_renew",
                    "enterprise,7,money,days_to_renewal,20,renewal_near",
                    "enterprise,7,money,churn_notice,10,notices",
                    "standard,2,usage,active_days,20,active_days",
                    "standard,2,usage,sudden_decline,0,decline_ratio",
                    "standard,2,usage,usage_change,10,change_ratio",
                    "education,2,usage,active_users_per_student,3,student_share",
                    "education,2,usage,active_users_per_average_seat,2,active_share",
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
                    "standard,2,judgement,pulse,100,pulse",
                    "small_business,3,outcomes,overdue_age,50,overdue_days",
                    "small_business,3,outcomes,renewal_notice,0,notice_share",
                    "education,6,relationship,contact_recency,10,contact_days",
                    "education,6,relationship,meetings,10,meetings_a_quarter",
                    "education,6,relationship,attendance,10,attendance_share",
                    "education,6,relationship,marketing_interactions,10,interactions",
                    "education,6,relationship,engaged_contacts,10,threads",
                    "education,6,relationship,engaged_roles,10,roles",
                    "education,6,relationship,sponsor_days,10,sponsor_days",
                    "education,6,relationship,sponsor_left,5,people_gone",
                    "education,6,relationship,sponsor_gone,5,people_gone",
                    "education,6,relationship,champion_left,5,people_gone",
                    "education,6,relationship,champion_gone,5,people_gone",
                    "education,6,relationship,short_advocacy,4,advocacy_count",
                    "education,6,relationship,short_referrals,2,advocacy_count",
                    "education,6,relationship,signs_of_life,4,life_days",
                    "education,6,satisfaction,short_nps,30,nps",
                    "education,6,satisfaction,short_reach,10,answers_per_seat",
                    "education,6,satisfaction,short_csat,20,csat",
                    "education,6,satisfaction,short_ces,25,effort",
                    "education,6,satisfaction,short_replies,15,reply_share",
                ),
            ),
            (
                "risk_caps",
                (
                    "standard,2,red_pulse,pulse,at_most,0,54.5,none,red pulse",
                    "standard,2,overdue,overdue_age,at_least,20,80,none,overdue invoice",
                    "standard,2,notice,renewal_notice,above,0,50,none,notice given",
                    "education,2,late,overdue_age,at_least,1,79.5,none,overdue invoice",
                    "small_business,2,notice,renewal_notice,above,0,100,none,left out",
                    "small_business,2,overdue,overdue_age,at_least,10,100,critical,overdue sooner",
                    "small_business,3,unhappy,csat,below,3,60,none,unhappy",
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
                    "plan_on_track,Plan,outcome,account,ratio,goals_on_track,40,goals_planned,40,0,1,missing,none,success_goals,company,28,0,0,0,0,share of goals,tests",
                    "short_days_late,Days late,billing,account,ratio,amount_days_late,60,amount_due,60,0,1,missing,none,invoices|payments,account,28,0,0,0,0,days,tests",
                    "few_peers,Among few,usage,account,percentile,active_users_per_seat,28,none,0,0,100,missing,none,usage_events.user_id,account,35,0,0,0,3,percent,tests",
                    "adoption_trend,Trend,usage,product,slope,feature_breadth,42,none,0,0,1,missing,none,usage_events,account,42,0,0,0,3,change a week,tests",
                    "last_ticket,Since the last ticket,support,account,recency,tickets_opened,60,none,0,0,1,missing,none,support_tickets,account,14,0,0,0,0,days,tests",
                    "contact_recency,Contact,engagement,account,recency,two_way_contacts,60,none,0,0,1,missing,none,touchpoints.is_two_way,account,14,0,0,0,0,days,tests",
                    "sponsor_days,Sponsor,engagement,account,recency,sponsor_contacts,60,sponsors_on_record,1,0,1,missing,none,touchpoints.user_id|users.is_executive_sponsor,account,14,0,0,0,0,days,tests",
                    "short_advocacy,Advocacy,engagement,account,ratio,advocacy_events,60,none,0,0,1,missing,none,advocacy_events,company,14,0,0,0,0,events,tests",
                    "short_referrals,Referrals,engagement,account,ratio,referrals,90,none,0,0,1,missing,none,advocacy_events,company,14,0,0,0,0,events,tests",
                    "short_nps,NPS,satisfaction,account,ratio,nps_points,120,nps_responses,120,0,100,missing,none,survey_responses.nps,account,14,40,120,0,0,points,tests",
                    "short_reach,Reach,satisfaction,account,ratio,nps_responses,120,none,0,0,1,missing,seats,survey_responses.nps,account,14,0,0,0,0,people per seat,tests",
                    "short_csat,Csat,satisfaction,account,ratio,latest_csat_score,40,latest_csat_responses,40,0,1,missing,none,survey_responses.csat,account,14,15,40,0,0,mean score,tests",
                    "short_ces,Effort,satisfaction,account,ratio,ces_score,28,ces_responses,28,0,1,missing,none,survey_responses.ces,account,14,10,28,0,0,mean score,tests",
                    "short_replies,Replies,satisfaction,account,ratio,surveys_answered,90,surveys_sent,90,0,1,missing,none,survey_responses.sent_at,account,14,0,0,0,0,share,tests",
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
            ("churn_model_terms", ("m1,intercept,0.5,1", "m1,score,-0.05,71.5")),
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
        shipped=False,
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
                "dimensions",
                (
                    "small_business,2,engagement,15", "small_business,2,onboarding,10",
                    "standard,2,engagement,15", "standard,2,onboarding,10",
                ),
            ),
            (
                "scorecard_signals",
                (
                    "small_business,2,onboarding,milestone_pace,100,pace_share",
                    "standard,2,onboarding,milestone_pace,100,pace_share",
                ),
            ),
            (
                "milestones",
                (
                    "project_made,1900-01-01,small_business,workspace,6,Three projects,feature,create_project,none,at_least,3,20,false",
                    "asked,1900-01-01,any,all,7,A question,ticket,any,none,at_least,1,30,false",
                    "calm,1900-01-01,any,all,8,Few tickets,none,none,ticket_rate,at_most,0.1,40,false",
                    "automated,1900-01-01,any,automate,9,Automated,none,none,key_feature_adoption,at_least,0.3,50,false",
                ),
            ),
            (
                "point_rule_steps",
                (
                    "talk_and_use,1,meeting,any,1", "talk_and_use,2,feature,edit_task,2",
                    "talk_and_use,3,ticket,any,1", "often,1,feature,create_project,1",
                    "learn,1,training,any,1", "learn,2,goal,any,1",
                    "unhappy,1,nps,detractor,1", "answered,1,csat,any,1",
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
                    "small_business,2,unhappy,-4,1,60,0,8,A detractor",
                    "standard,2,unhappy,-4,1,60,0,8,A detractor",
                    "small_business,2,answered,1,1,20,0,2,An answer",
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Alone, tests run in the order of their files; on several processes what takes long begins first."""
    if hasattr(config, "workerinput"):
        items[:] = in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    from xdist.scheduler import LoadScopeScheduling

    class Units(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

    config.option.loadscopereorder = False
    return Units(config, log)


@pytest.fixture(scope="session")
def postgres() -> Iterator[dict[str, str]]:
    """HEALTH_PG_* settings of a PostgreSQL server that lives as long as the session."""
    with postgres_server() as settings:
        yield settings


@pytest.fixture(scope="session")
def worlds() -> Callable[[str], World]:
    """A function from a name in WORLDS to that company, built."""
    return lambda name: built_world(name, **WORLDS[name])
