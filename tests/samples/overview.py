"""The overview: a year of a grocer, a brand without anybody, one day, the longest words and the largest numbers, nothing published."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import isqrt

from kizuna.web.console.overview import pages
from kizuna.web.console.overview.views import (
    Figure,
    Freshness,
    Happening,
    Headline,
    Mark,
    MonthRow,
    MoveRow,
    Overview,
    Period,
    RuleRow,
    StageRow,
    TierRow,
)
from samples.base import BRAND, GOLD, LONG_NAME, NOW, SILVER

TODAY = date(2026, 11, 21)
PERIOD = Period(30, TODAY - timedelta(29), TODAY, TODAY - timedelta(59), TODAY - timedelta(30))
REGULAR = {"ja": "レギュラー", "en": "Regular"}
PLATINUM = {"ja": "プラチナ", "en": "Platinum"}
_ISSUED = (310, 388, 352, 341, 366, 372, 395, 381, 402, 377, 410, 452, 301)
_USED = (120, 151, 133, 129, 160, 148, 171, 166, 190, 174, 201, 233, 149)
_EXPIRED = (0, 0, 12, 31, 44, 38, 41, 52, 47, 55, 61, 58, 33)


def first_of(back: int, today: date = TODAY) -> date:
    """Return the first day of the month `back` months before today."""
    years, month = divmod(today.year * 12 + today.month - 1 - back, 12)
    return date(years, month + 1, 1)


MONTHS = tuple(
    MonthRow(first_of(12 - n), issued * 1_017, used * 1_003, expired * 991)
    for n, (issued, used, expired) in enumerate(zip(_ISSUED, _USED, _EXPIRED, strict=True))
)


def days(value: int, wave: int, rise: int = 0) -> tuple[Mark, ...]:
    """Return thirty days that wander about a value, the same each time."""
    return tuple(
        Mark(day := PERIOD.first + timedelta(n), day, value + rise * n + wave * isqrt((n * 7919) % 97) // 5)
        for n in range(30)
    )


def happening(n: int, kind: str, points: int, name: str | None = "佐藤 陽菜", **more: object) -> Happening:
    """Return the `n`-th newest thing that happened."""
    return Happening(f"h{n}", kind, NOW - timedelta(minutes=3 * n), f"m{n}", name, points, **more)  # type: ignore[arg-type]


RECENT = (
    happening(1, "earn", 24, amount=4_980, reference="ORD-90001"),
    happening(2, "redeem", -1_500, "鈴木 蓮", reference="コーヒー豆 200g"),
    happening(3, "earn", 128, "高橋 結衣", amount=25_680),
    happening(4, "join", 0, "田中 湊"),
    happening(5, "expire", -320, "伊藤 葵"),
    happening(6, "earn", 3_000, None, amount=600_000),
    happening(7, "earn", 61, LONG_NAME, amount=12_345),
    happening(8, "redeem", -200, "山本 凛"),
    happening(9, "earn", 8, "中村 悠真", amount=1_640),
    happening(10, "earn", 17, "渡辺 樹", amount=3_480),
)

FULL = Overview(
    as_of=NOW,
    freshness=Freshness(2, NOW - timedelta(seconds=3), NOW - timedelta(seconds=4)),
    period=PERIOD,
    headline=Headline(2_469, 14_820, 6_300, 506_387),
    members=Figure("members", "members", 2_469, 2_349, days(2_349, 1, 4), path="/console/members"),
    joined=Figure("joined", "members", 120, 98, days(3, 2)),
    enrolment=Figure("enrolment", "share", 511, 436, days(10, 0, 17), part=120, whole=2_349),
    active=Figure(
        "active", "share", 6_143, 5_870, days(5_870, 30, 8), part=1_517, whole=2_469, path="/console/members?active=30"
    ),
    redeeming=Figure("redeeming", "share", 2_180, 2_312, days(2_300, 40, -5), part=331, whole=1_517),
    issued=Figure("issued", "points", 452_190, 403_110, days(12_000, 4_000), 452_190, 403_110),
    redeemed=Figure("redeemed", "points", 233_700, 233_700, days(6_000, 3_000), 233_700, 233_700),
    expired=Figure(
        "expired", "points", 57_478, 51_002, days(900, 1_500), 57_478, 51_002, path="/console/members?expiring=30"
    ),
    outstanding=Figure(
        "outstanding",
        "points",
        506_387,
        345_375,
        days(345_000, 900, 5_300),
        506_387,
        345_375,
        path="/console/members?sort=balance",
    ),
    orders=Figure("orders", "orders", 4_210, 3_980, days(140, 20)),
    sales=Figure("sales", "money", 18_204_300, 17_110_020, days(600_000, 90_000)),
    tiers=(
        TierRow(0, "regular", REGULAR, 1_506, 6_100, "/console/members?tier=0"),
        TierRow(1, "silver", SILVER, 613, 2_483, "/console/members?tier=1"),
        TierRow(2, "gold", GOLD, 289, 1_170, "/console/members?tier=2"),
        TierRow(3, "platinum", PLATINUM, 61, 247, "/console/members?tier=3"),
    ),
    moves=(
        MoveRow(0, REGULAR, 1, SILVER, 84),
        MoveRow(1, SILVER, 2, GOLD, 31),
        MoveRow(2, GOLD, 1, SILVER, 9),
        MoveRow(2, GOLD, 3, PLATINUM, 5),
        MoveRow(1, SILVER, 0, REGULAR, 2),
    ),
    moved_up=120,
    moved_down=11,
    months=MONTHS,
    rules=(
        RuleRow("base", {"ja": "通常ポイント", "en": "Base points"}, 3, 361_700, 4_011, 7_999),
        RuleRow("weekend", {"ja": "週末2倍", "en": "Double weekend"}, 3, 61_490, 803, 1_360),
        RuleRow("welcome", {"ja": "入会ありがとうポイント", "en": "Welcome points"}, 2, 29_000, 58, 641),
    ),
    recent=RECENT,
)


def none(figure: Figure, value: int | None = 0) -> Figure:
    """Return a figure of which nothing is known but a value."""
    return Figure(figure.name, figure.kind, value, None, path=figure.path)


NEW = replace(
    FULL,
    freshness=Freshness(0, None, None),
    headline=Headline(0, 0, 0, 0),
    **{
        name: none(getattr(FULL, name))
        for name in ("members", "joined", "issued", "redeemed", "expired", "outstanding", "orders", "sales")
    },
    **{name: none(getattr(FULL, name), None) for name in ("enrolment", "active", "redeeming")},
    tiers=tuple(replace(row, members=0, share=None) for row in FULL.tiers),
    moves=(),
    moved_up=0,
    moved_down=0,
    months=tuple(MonthRow(row.first, 0, 0, 0) for row in MONTHS),
    rules=(),
    recent=(),
)
DAY_ONE = replace(
    NEW,
    freshness=Freshness(0, None, NOW),
    headline=Headline(1, 49, 0, 49),
    members=Figure("members", "members", 1, None, (Mark(TODAY, TODAY, 1),), path="/console/members"),
    joined=Figure("joined", "members", 1, None),
    active=Figure("active", "share", 10_000, None, part=1, whole=1),
    redeeming=Figure("redeeming", "share", 0, None, part=0, whole=1),
    issued=Figure("issued", "points", 49, None, (Mark(TODAY, TODAY, 49),), 49),
    outstanding=Figure("outstanding", "points", 49, None, (Mark(TODAY, TODAY, 49),), 49),
    tiers=(TierRow(0, "regular", REGULAR, 1, 10_000, "/console/members?tier=0"), *NEW.tiers[1:]),
    months=(*NEW.months[:-1], MonthRow(first_of(0), 49, 0, 0)),
    rules=(RuleRow("base", {"ja": "通常ポイント", "en": "Base points"}, 1, 49, 1, 10_000),),
    recent=RECENT[:1],
)
_WORD = {
    "ja": "スーパープレミアムロイヤルダイヤモンドメンバーシップ会員",
    "en": "Superpremiumroyaldiamondmembership of the greatest",
}
HUGE = replace(
    FULL,
    as_of=datetime(2026, 11, 21, 14, 59, 59, tzinfo=UTC),
    freshness=Freshness(1_000, NOW - timedelta(hours=30), NOW - timedelta(hours=31)),
    period=replace(PERIOD, days=365),
    members=Figure("members", "members", 12_345_678, 3, days(10_000_000, 9, 80_000), path="/console/members"),
    issued=Figure("issued", "points", 123_456_789_012, 98_765_432_109, days(4_000_000_000, 9), 123_456_789_012, 1),
    redeemed=Figure("redeemed", "points", 99_456_789_012, 0, days(3_000_000_000, 9), 99_456_789_012, 0),
    outstanding=Figure("outstanding", "points", 1_123_456_789_012, 1, days(4_000_000_000, 9), 1_123_456_789_012, 1),
    tiers=tuple(
        TierRow(
            rank,
            f"t{rank}",
            {lang: f"{word} {rank}" for lang, word in _WORD.items()},
            1_000_000 * (10 - rank),
            1_000,
            "/console/members",
        )
        for rank in range(10)
    ),
    moves=tuple(MoveRow(rank, _WORD, rank + 1, _WORD, 1_234_567) for rank in range(6)),
    months=tuple(
        replace(row, issued=row.issued * 30_000, redeemed=row.redeemed * 9_000, expired=row.issued * 28_000)
        for row in MONTHS
    ),
    rules=tuple(RuleRow(f"r{n}", _WORD, 999, 12_345_678_901, 1_234_567, 1_250) for n in range(8)),
    recent=(
        happening(
            1,
            "redeem",
            -123_456_789,
            LONG_NAME,
            reference="とても長い名前の特典をここに書いても、行は崩れずに折り返して読めます",
        ),
        *(happening(n, "earn", 12_345_678, LONG_NAME, amount=1_234_567_890) for n in range(2, 11)),
    ),
)
_STAGES = (
    ("はじめまして", "Newcomer", 412, 2_469, 10_000, 8_331),
    ("お客さま", "Customer", 1_380, 2_057, 8_331, 3_291),
    ("ファン", "Fan", 590, 677, 2_742, 1_285),
    ("アンバサダー", "Ambassador", 87, 87, 352, None),
)
JOURNEY = replace(FULL, stages=tuple(StageRow({"ja": ja, "en": en}, *counts) for ja, en, *counts in _STAGES))
UNPUBLISHED = replace(BRAND, program_name={}, unit_name={})

CONSOLE_PAGES = {
    "overview": lambda face: pages.overview_page(face, FULL),
    "overview-journey": lambda face: pages.overview_page(face, JOURNEY),
    "overview-new": lambda face: pages.overview_page(face, NEW),
    "overview-day-one": lambda face: pages.overview_page(face, DAY_ONE),
    "overview-huge": lambda face: pages.overview_page(face, HUGE),
}
RARE = {"overview-journey", "overview-new", "overview-day-one", "overview-huge"}
