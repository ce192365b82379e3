"""Sample views of a small grocer, which the screens' samples are made of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from kizuna.core.errors import NotFound, Unavailable
from kizuna.program import Program
from kizuna.web.faces import Face
from kizuna.web.member.reads import Seen
from kizuna.web.offer import offer
from kizuna.web.views import (
    BrandView,
    EntryView,
    IdentityView,
    LotView,
    MemberView,
    Page,
    Reckoning,
    TierView,
    WhyView,
)

NOW = datetime(2026, 11, 21, 5, 5, tzinfo=UTC)
BRAND = BrandView(
    slug="komorebi",
    name="こもれびマーケット",
    currency="JPY",
    timezone="Asia/Tokyo",
    languages=("ja", "en"),
    program_name={"ja": "こもれびポイント", "en": "Komorebi Points"},
    unit_name={"ja": "ポイント", "en": "points"},
    is_demo=True,
)
SILVER = {"ja": "シルバー", "en": "Silver"}
GOLD = {"ja": "ゴールド", "en": "Gold"}
TIER = TierView("silver", SILVER, 2, 87_700, date(2027, 3, 31), "gold", GOLD, 100_000, 12_300, 0.877)
TOP = TierView("platinum", {"ja": "プラチナ", "en": "Platinum"}, 4, 1_204_000, None, None, None, None, None, 1.0)
BASE = {"ja": "通常ポイント", "en": "Base points"}
BONUS = {"ja": "入会ありがとうポイント", "en": "Welcome points"}


def bought(basis: int, points: int = 1, per: int = 200) -> WhyView:
    """Return why a purchase of `basis` earned by the base rule."""
    exact = (basis * points, per)
    made = Reckoning("rate", points=points, per=per, rounding="down", exact=exact)
    return WhyView("rate", 3, "base", BASE, basis, points, per, "down", made, raw=basis * points // per)


BUY = bought(4_980)
GIFT = WhyView(
    "fixed", 3, "welcome", BONUS, 1, None, None, None, Reckoning("fixed", points=500, exact=(500, 1)), raw=500
)
PLAIN = WhyView("", None, None, None, None, None, None, None)


def entry(n: int, kind: str, points: int, days: int, why: WhyView, expires_on: date | None = None) -> EntryView:
    """Return the `n`-th entry, `days` before now."""
    reference = {"earn": f"ORD-{90000 - n}", "redeem": f"RDM-{7000 - n}"}.get(kind)
    return EntryView(
        f"e{n}", kind, points, NOW - timedelta(days=days, minutes=17 * n), expires_on, reference, "shop", why
    )


ENTRIES = (
    entry(1, "earn", 24, 0, BUY, date(2027, 11, 30)),
    entry(2, "redeem", -1_500, 4, PLAIN),
    entry(3, "earn", 128, 9, bought(25_680), date(2027, 11, 30)),
    entry(4, "expire", -320, 20, PLAIN, date(2026, 10, 31)),
    entry(5, "earn", 61, 26, bought(12_345), date(2027, 10, 31)),
    entry(6, "earn", 3_000, 31, bought(600_000), date(2027, 10, 31)),
    entry(7, "earn", 500, 64, GIFT, None),
)
MEMBER = MemberView(
    id="mem_01JD4K2T9QX7",
    name="山田 花子",
    name_kana="やまだ はなこ",
    name_is_generated=True,
    language="ja",
    joined_on=date(2025, 4, 2),
    identities=(
        IdentityView("email", "hanako.yamada@example.jp"),
        IdentityView("phone", "090-1234-5678"),
        IdentityView("card", "2900123456789012"),
        IdentityView("line", "U4af4980629cf1c2"),
    ),
    card_number="2900123456789012",
    balance=12_300,
    lots=(
        LotView(1_200, date(2026, 12, 5)),
        LotView(4_650, date(2027, 3, 31)),
        LotView(5_950, date(2027, 11, 30)),
        LotView(500, None),
    ),
    earned=48_120,
    spent=33_500,
    lapsed=2_320,
    tier=TIER,
    orders=214,
    as_of=NOW,
)
NEW = replace(
    MEMBER,
    name=None,
    name_kana=None,
    name_is_generated=False,
    identities=(),
    card_number=None,
    balance=0,
    lots=(),
    earned=0,
    spent=0,
    lapsed=0,
    orders=0,
    tier=replace(
        TIER,
        name={"ja": "レギュラー", "en": "Regular"},
        rank=0,
        figure=0,
        valid_through=None,
        remaining=100_000,
        share=0.0,
    ),
)
LONG_NAME = "マリア・デル・カルメン・フェルナンデス＝ゴンサレス・デ・ラ・クルス"
LONG = replace(
    MEMBER,
    name=LONG_NAME,
    name_kana="まりあ・でる・かるめん・ふぇるなんです＝ごんされす・で・ら・くるす",
    identities=(
        IdentityView("email", "maria.del.carmen.fernandez-gonzalez.de.la.cruz.de.los.reyes@subdomain.example.co.jp"),
    ),
    card_number="KZ-2900-1234-5678-9012-3456-7890",
    balance=1_234_567_890,
    tier=TOP,
    lots=(*(LotView(1_234_567 + n, date(2027, 1, 1 + n)) for n in range(8)), LotView(1_234_567_890, None)),
)
FULL, NOTHING = Page(ENTRIES, "older"), Page((), None)
MISSING = NotFound(what="member", key="m404")
REFUSED = Unavailable(retry_after_s=2)

PROGRAM = Program.model_validate(
    {
        "program": 1,
        "name": BRAND.program_name,
        "units": [{"id": "points", "name": BRAND.unit_name, "expiry": {"after_days": 365}}],
        "tiers": {
            "by": "spend",
            "window": "calendar_year",
            "levels": [
                {"id": "regular", "name": {"ja": "レギュラー", "en": "Regular"}, "at": 0},
                {"id": "bronze", "name": {"ja": "ブロンズ", "en": "Bronze"}, "at": 20_000},
                {"id": "silver", "name": SILVER, "at": 50_000},
                {"id": "gold", "name": GOLD, "at": 100_000},
                {"id": "platinum", "name": {"ja": "プラチナ", "en": "Platinum"}, "at": 300_000},
            ],
        },
        "earning_rules": [
            {
                "id": "base",
                "name": BASE,
                "event": "order.completed",
                "unit": "points",
                "award": {"points": 1, "per": 200},
            }
        ],
        "redemption": {"minimum": 500, "step": 500},
    }
)
OFFER = offer(PROGRAM, 3)


def seen(member: MemberView, page: Page = NOTHING) -> Seen:
    """Return a member as My Page sees them today."""
    return Seen(BRAND, OFFER, member, page, date(2026, 11, 21))


Build = Callable[[Face], str]
"""Makes one page of a face."""
