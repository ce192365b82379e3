"""Sample views of a small grocer, which the screens' samples are made of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from kizuna.core.errors import NotFound, Unavailable
from kizuna.web.faces import Face
from kizuna.web.member.reads import Seen
from kizuna.web.offer import Offer, RuleView, RungView
from kizuna.web.views import (
    BrandView,
    EntryView,
    IdentityView,
    LotView,
    MemberView,
    Page,
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
BUY = WhyView("rate", 3, "base", BASE, 4_980, 1, 200, "down")
GIFT = WhyView("fixed", 3, "welcome", BONUS, None, None, None, None)
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
    entry(3, "earn", 128, 9, replace(BUY, basis=25_680), date(2027, 11, 30)),
    entry(4, "expire", -320, 20, PLAIN, date(2026, 10, 31)),
    entry(5, "earn", 61, 26, replace(BUY, basis=12_345), date(2027, 10, 31)),
    entry(6, "earn", 3_000, 31, replace(BUY, basis=600_000), date(2027, 10, 31)),
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
        spend=0,
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

OFFER = Offer(
    version=3,
    name=BRAND.program_name,
    unit_name=BRAND.unit_name,
    rules=(RuleView("base", BASE, 1, 200, "down"),),
    rungs=(
        RungView("regular", {"ja": "レギュラー", "en": "Regular"}, 0, 0),
        RungView("bronze", {"ja": "ブロンズ", "en": "Bronze"}, 1, 20_000),
        RungView("silver", SILVER, 2, 50_000),
        RungView("gold", GOLD, 3, 100_000),
        RungView("platinum", {"ja": "プラチナ", "en": "Platinum"}, 4, 300_000),
    ),
    window="calendar_year",
    held="next_window",
    days=365,
    minimum=500,
    step=500,
    joins_by_buying=True,
)


def seen(member: MemberView, page: Page = NOTHING) -> Seen:
    """Return a member as My Page sees them today."""
    return Seen(BRAND, OFFER, member, page, date(2026, 11, 21))


Build = Callable[[Face], str]
"""Makes one page of a face."""
