"""What the overview's titles and cards say: only what the figures bear, in both languages."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kizuna.web.console.overview.cards import trended
from kizuna.web.console.overview.findings import months_finding, rules_finding, tiers_finding
from kizuna.web.console.overview.pages import freshness, overview_page, since_begun
from kizuna.web.console.overview.views import Figure, Freshness, MonthRow, RuleRow, TierRow
from kizuna.web.faces import Face
from samples.base import BRAND, GOLD, NOW
from samples.overview import FULL, REGULAR, TODAY, first_of

NEUTRAL = "Points issued, used and expired by month"


def months(issued: list[int], used: list[int] | None = None) -> list[MonthRow]:
    """Return months that end with this one, which is not over."""
    spent = used or [0] * len(issued)
    return [
        MonthRow(first_of(len(issued) - 1 - n), one, other, 0)
        for n, (one, other) in enumerate(zip(issued, spent, strict=True))
    ]


@pytest.mark.parametrize(
    ("issued", "used", "said"),
    [
        ([], [], NEUTRAL),
        ([0, 0, 0], [0, 0, 0], NEUTRAL),
        ([9_000], [10], NEUTRAL),
        ([1_000, 9_000], None, NEUTRAL),  # one whole month: nothing to compare it with
        ([1_000, 1_100, 5], None, "10% more points issued in October 2026 than the month before"),
        ([1_000, 880, 99_999], None, "12% fewer points issued in October 2026 than the month before"),
        ([1_000, 1_040, 0], None, NEUTRAL),
        ([1_000, 2_500, 0], None, "2.5 times as many points issued in October 2026 as the month before"),
        ([1_000, 2_000, 0], None, "2 times as many points issued in October 2026 as the month before"),
        ([99, 500, 0], None, NEUTRAL),  # too few points to compare with
        ([1_000] * 7, [10, 10, 10, 300, 10, 10, 0], "Use of points concentrates in August 2026"),
        ([1_000] * 7, [10, 10, 10, 300, 200, 10, 0], "Used in 6 months: 9% of what was issued"),
        (
            [1_000] * 7,
            [10, 10, 10, 10, 10, 10, 9_000],
            "Used in 6 months: 1% of what was issued",
        ),  # this month is not over
        ([1_000] * 5, [10, 10, 300, 10, 0], NEUTRAL),
        ([1_000] * 7, [0] * 7, NEUTRAL),
    ],
)
def test_the_months_say_only_what_they_bear(issued: list[int], used: list[int] | None, said: str) -> None:
    assert months_finding(months(issued, used), TODAY, "en") == said


def test_the_months_speak_japanese() -> None:
    assert months_finding(months([1_000, 1_120, 5]), TODAY, "ja") == "2026年10月の発行ポイントは前の月より12%増"
    concentrated = months([1_000] * 7, [10, 10, 10, 300, 10, 10, 0])
    assert months_finding(concentrated, TODAY, "ja") == "ポイントの利用は2026年8月に集中"


def tier(rank: int, members: int, share: int | None) -> TierRow:
    return TierRow(rank, f"t{rank}", GOLD if rank else REGULAR, members, share, "/")


@pytest.mark.parametrize(
    ("tiers", "up", "down", "said"),
    [
        ([], 0, 0, "Tiers and moves"),
        ([tier(0, 0, None), tier(1, 0, None)], 0, 0, "Tiers and moves"),
        ([tier(0, 1, 10_000), tier(1, 0, 0)], 0, 0, "Tiers and moves"),  # one member is an anecdote
        ([tier(0, 50, 10_000)], 0, 0, "Tiers and moves"),  # there is only one rung
        ([tier(0, 61, 6_100), tier(1, 39, 3_900)], 0, 0, "61% of the members are Regular"),
        ([tier(0, 49, 4_900), tier(1, 30, 3_000), tier(2, 21, 2_100)], 0, 0, "Tiers and moves"),
        ([tier(0, 61, 6_100)], 1_234, 0, "Up a tier: 1,234, down: 0"),
    ],
)
def test_the_tiers_say_only_what_they_bear(tiers: list[TierRow], up: int, down: int, said: str) -> None:
    assert tiers_finding(tiers, up, down, "en") == said


def rule(points: int, share: int | None) -> RuleRow:
    return RuleRow("base", {"ja": "通常", "en": "Base"}, 1, points, 1, share)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([], "Rules at work"),
        ([rule(99, 10_000)], "Rules at work"),
        ([rule(5_000, 10_000)], "Every point comes from “Base”"),
        ([rule(8_000, 8_000), rule(2_000, 2_000)], "80% of the points come from “Base”"),
        ([rule(4_000, 4_000), rule(3_000, 3_000), rule(3_000, 3_000)], "Rules at work"),
    ],
)
def test_the_rules_say_only_what_they_bear(rules: list[RuleRow], said: str) -> None:
    assert rules_finding(rules, "en") == said


@pytest.mark.parametrize(
    ("kind", "value", "before", "trend", "way"),
    [
        ("points", 110, 100, "+10.0%", "up"),
        ("points", 90, 100, "−10.0%", "fall"),
        ("points", 100, 100, "±0", "level"),
        ("points", 5_000, 0, "+5,000", "up"),
        ("points", 5_000, 1, "+4,999", "up"),
        ("points", 5_000, None, "", ""),
        ("share", 6_143, 5_870, "+2.7 pp", "up"),
        ("share", 2_180, 2_312, "−1.3 pp", "fall"),
        ("share", None, 2_312, "", ""),
    ],
)
def test_a_trend_carries_sign_and_way(kind: str, value: int | None, before: int | None, trend: str, way: str) -> None:
    assert trended(Figure("x", kind, value, before), 30, "en")[:2] == (trend, way)  # type: ignore[arg-type]


def test_more_that_expires_is_no_gain() -> None:
    page = overview_page(Face(BRAND, "en", "a@b.example"), FULL)
    expired = page[page.index('id="expired-name"') :]
    assert "trend-loss" in expired[:1_500]
    issued = page[page.index('id="issued-name"') :]
    assert "trend-even" in issued[:1_500]


@pytest.mark.parametrize(
    ("lag", "said"),
    [
        (Freshness(0, None, NOW), "Figures reach to this moment"),
        (Freshness(1, NOW, NOW), "Figures reach to 0 seconds ago"),
    ],
)
def test_the_figures_say_how_far_they_reach(lag: Freshness, said: str) -> None:
    assert freshness(replace(FULL, freshness=lag), "en") == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (7_200, "2 hours"), (200_000, "2 days")],
)
def test_a_long_time_is_told_in_larger_units(seconds: int, said: str) -> None:
    lag = Freshness(3, NOW - timedelta(seconds=seconds), NOW)
    assert freshness(replace(FULL, freshness=lag), "en") == f"Figures reach to {said} ago"


def test_a_young_brand_still_sees_six_months() -> None:
    young = months([0] * 12 + [5])
    assert len(since_begun(young)) == 6
    assert len(since_begun(months([0] * 3 + [5] * 10))) == 10
    assert since_begun(months([])) == []
    assert since_begun(young)[-1].first == date(2026, 11, 1)
