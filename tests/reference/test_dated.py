"""Dated rows and caps of the reference scorer, by hand."""

from datetime import date
from fractions import Fraction

from .plain import Dated
from .scorecards import Cap

BANDS = [
    ("critical", Fraction(0), Fraction(40)),
    ("at_risk", Fraction(40), Fraction(70)),
    ("healthy", Fraction(70), Fraction(100)),
]


def test_a_row_holds_until_its_key_has_rows_of_a_later_day():
    dated = Dated(
        [
            {"kind": "nps", "valid_from": "1900-01-01", "group_id": "first"},
            {"kind": "nps", "valid_from": "2024-03-01", "group_id": "low"},
            {"kind": "nps", "valid_from": "2024-03-01", "group_id": "high"},
            {"kind": "csat", "valid_from": "2024-02-01", "group_id": "other"},
        ],
        "kind",
    )
    assert [row["group_id"] for row in dated.rows("nps", date(2024, 2, 29))] == ["first"]
    assert [row["group_id"] for row in dated.rows("nps", date(2024, 3, 1))] == ["low", "high"]
    assert dated.row("csat", date(2024, 1, 31)) is None
    assert dated.row("csat", date(2024, 2, 1))["group_id"] == "other"
    assert dated.row("ces", date(2024, 2, 1)) is None


def test_a_cap_holds_at_the_top_of_its_band():
    def highest(max_score: int, max_band: str) -> Fraction:
        cap = Cap("c", "s", "at_least", Fraction(1), Fraction(max_score), max_band, own=True)
        return cap.within(BANDS).max_score

    assert highest(100, "critical") == Fraction("39.9999")
    assert highest(39, "critical") == 39
    assert highest(100, "healthy") == 100
    assert highest(69, "none") == 69
