"""A program with everything: stamps, status points, points that wait or are restricted, stages, a tier about to fall, a debt."""

from dataclasses import replace
from datetime import date, timedelta

from kizuna.program import Program, telling, telling_terms
from kizuna.web.console.member import pages as console
from kizuna.web.console.member.views import OrderPage, OrderView, OrderWhole, RungView, TrackView, Wish
from kizuna.web.landing import pages as landing
from kizuna.web.member import pages
from kizuna.web.offer import offer, unit_view
from kizuna.web.reckoning import reckon
from kizuna.web.standings import journey_view
from kizuna.web.views import LotView, Page, PocketView, PurposeView, TierView, WaitingView, WhyView
from samples.base import GOLD, MEMBER, NOW, SILVER, entry, seen
from samples.landing import LANDING
from samples.member import WHOLE


def _named(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


def _rule(id_: str, name: dict[str, str], award: object, **more: object) -> dict[str, object]:
    return {"id": id_, "name": name, "event": "order.completed", "unit": "points", "award": award, **more}


PROGRAM = Program.model_validate(
    {
        "program": 1,
        "name": _named("こもれびクラブ", "Komorebi Club"),
        "units": [
            {
                "id": "points",
                "name": _named("ポイント", "points"),
                "expiry": {"end_of": "year", "later": 1},
                "pending": {"days": 14},
                "worth": {"points": 1, "amount": 1},
            },
            {"id": "stamps", "name": _named("コーヒースタンプ", "Coffee stamps"), "kind": "stamps", "expiry": "never"},
            {"id": "status", "name": _named("ステータスポイント", "status points"), "kind": "status", "expiry": "never"},
            {"id": "gift", "name": _named("ギフトカード", "Gift card"), "kind": "money", "expiry": "never"},
        ],
        "purposes": [{"id": "cafe", "name": _named("カフェ", "the café"), "stores": ["渋谷カフェ"]}],
        "tiers": {
            "by": "visits",
            "window": "calendar_year",
            "levels": [
                {"id": "regular", "name": _named("レギュラー", "Regular"), "at": 0},
                {"id": "silver", "name": SILVER, "at": 5, "benefits": [_named("誕生月に送料無料", "Free shipping in the birthday month")]},
                {"id": "gold", "name": GOLD, "at": 12, "benefits": [_named("新作の先行案内", "New arrivals before everybody")]},
            ],
        },
        "tracks": [
            {
                "id": "insider",
                "name": _named("インサイダー", "Insider"),
                "by": "points",
                "unit": "status",
                "window": "rolling",
                "months": 12,
                "levels": [
                    {"id": "friend", "name": _named("フレンド", "Friend"), "at": 0},
                    {"id": "insider", "name": _named("インサイダー", "Insider"), "at": 1_000},
                ],
            }
        ],
        "earning_rules": [
            _rule(
                "buy",
                _named("お買い物", "Purchases"),
                {"percent": 3, "basis": {"tax": "excluded"}, "by_tier": {"gold": {"times": 3, "over": 2}}},
            ),
            _rule("first", _named("はじめてのお買い物", "First purchase"), {"fixed": 500}, goal={"count": 1}),
            _rule(
                "coffee",
                _named("コーヒーでスタンプ", "Coffee stamps"),
                {"stamps": 1, "each": "item"},
                unit="stamps",
                goods={"category": ["コーヒー"]},
                limits=[{"per": "member", "within": "day", "points": 3}],
            ),
            _rule("review", _named("レビュー", "Review"), {"fixed": 50}, event="review.posted",
                  limits=[{"per": "member", "within": "month", "times": 3}], lot={"expiry": {"after_days": 90}, "only_for": "cafe"}),
            _rule("profile", _named("プロフィール", "Profile"), {"fixed": 100}, event="profile.completed", goal={"count": 1}),
            _rule("friend", _named("お友だち紹介", "Bring a friend"), {"fixed": 1_000}, event="referral.qualified"),
            _rule("status", _named("ステータス", "Status"), {"points": 1, "per": 100}, unit="status"),
        ],
        "campaigns": [
            _rule(
                "friday",
                _named("金曜ダブルポイント", "Double Friday"),
                {"multiply": {"times": 2}, "rule": "buy"},
                goods={"category": ["コーヒー", "紅茶"]},
                condition={"fact": "time.weekday", "is": "equals", "value": "friday"},
                starts="2026-11-01",
                ends="2026-12-25",
                budget={"amount": 300_000},
            ),
            _rule("newyear", _named("新春くじ", "New Year"), {"fixed": 300}, starts="2026-12-20", ends="2027-01-07",
                  condition={"fact": "order.amount", "is": "at_least", "value": 3_000}),
        ],
        "referral": {"event": "order.completed", "within_days": 60},
        "journey": {
            "stages": [
                {
                    "id": "new",
                    "name": _named("はじめまして", "Newcomer"),
                    "steps": [
                        {"id": "buy", "name": _named("はじめてのお買い物", "First purchase"), "rule": "first"},
                        {"id": "profile", "name": _named("プロフィールを入力", "Complete the profile"), "rule": "profile"},
                    ],
                },
                {
                    "id": "fan",
                    "name": _named("ファン", "Fan"),
                    "steps": [
                        {"id": "review", "name": _named("レビューを3回書く", "Write three reviews"), "rule": "review", "times": 3},
                        {"id": "coffee", "name": _named("コーヒーを10杯", "Ten coffees"), "rule": "coffee", "times": 10},
                    ],
                    "needs": 1,
                },
                {
                    "id": "ambassador",
                    "name": _named("アンバサダー", "Ambassador"),
                    "steps": [{"id": "friend", "name": _named("お友だちを紹介", "Bring a friend"), "rule": "friend"}],
                },
            ]
        },
    }
)  # fmt: skip
OFFER = offer(PROGRAM, 4)
UNITS = {unit.id: unit_view(PROGRAM, unit) for unit in PROGRAM.units}
CAFE = PurposeView(_named("カフェ", "the café"), ("渋谷カフェ",))
DONE = [("new", "buy", 1, 1), ("new", "profile", 1, 1), ("fan", "review", 1, 3), ("fan", "coffee", 7, 10)]
TIER = TierView(
    "silver", SILVER, 1, 4, date(2026, 12, 31), "gold", GOLD, 12, 8, 1 / 3, by="visits", warns=True, keep=1
)  # fmt: skip
INSIDER = TierView(
    "friend", _named("フレンド", "Friend"), 0, 640, None, "insider", _named("インサイダー", "Insider"), 1_000, 360, 0.64,
    by="points", unit=UNITS["status"], track=_named("インサイダー", "Insider"),
)  # fmt: skip
WHOLE_MEMBER = replace(
    MEMBER,
    balance=2_480,
    lots=(
        LotView(150, date(2027, 1, 20), CAFE),
        LotView(2_330, date(2027, 12, 31)),
    ),
    tier=TIER,
    tracks=(INSIDER,),
    waiting=(
        WaitingView(120, UNITS["points"], date(2026, 11, 28)),
        WaitingView(640, UNITS["points"], awaits="delivery"),
        WaitingView(2, UNITS["stamps"], date(2026, 12, 1)),
    ),
    pockets=(
        PocketView(UNITS["stamps"], 17, (LotView(17, None),), 2),
        PocketView(UNITS["status"], 640, (LotView(640, None),)),
        PocketView(UNITS["gift"], 3_000, (LotView(3_000, None),)),
    ),
    journey=journey_view(PROGRAM, DONE),
    reversed=180,
    forgiven=20,
)
STEADY = replace(WHOLE_MEMBER, tier=replace(TIER, warns=False, keep=None))
OWING = replace(STEADY, balance=-320, lots=(), debt=320, waiting=(), pockets=(), journey=journey_view(PROGRAM, []))


def _why(rule: str, basis: int, raw: int, kind: str = "earn", cut: str = "") -> WhyView:
    one = next(one for one in PROGRAM.rules if one.id == rule)
    name = {"ja": one.name.ja, "en": one.name.en}
    goal = telling.goal(one.goal) if one.goal else None
    return WhyView(
        kind, 4, rule, name, basis, None, None, None, reckon(PROGRAM, one, basis, raw), goal, raw, cut
    )  # fmt: skip


def _entry(n: int, kind: str, points: int, days: int, why: WhyView, **more: object):
    return replace(entry(n, kind, points, days, why, more.pop("expires_on", None)), **more)


NO_WHY = WhyView("", None, None, None, None, None, None, None)
ENTRIES = (
    _entry(1, "pend", 120, 0, _why("buy", 4_000, 120, "pend"), releases_on=date(2026, 11, 28), reference="ORD-90100"),
    _entry(2, "pend", 640, 1, _why("friday", 21_340, 640, "pend"), awaits="delivery", reference="ORD-90090"),
    _entry(3, "earn", 3, 1, _why("coffee", 4, 4, cut="member"), unit=UNITS["stamps"], reference="ORD-90090"),
    _entry(4, "earn", 50, 3, _why("review", 1, 50), purpose=CAFE, expires_on=date(2027, 1, 20), reference=None),
    _entry(5, "release", 240, 5, NO_WHY, expires_on=date(2027, 12, 31), reference=None),
    _entry(6, "reverse", -180, 6, _why("buy", 6_000, 180, "reverse"), reference="ORD-89950",
           taken=(LotView(160, date(2027, 12, 31)),)),
    _entry(7, "forgive", 20, 6, _why("buy", 6_000, 180, "forgive"), reference="ORD-89950"),
    _entry(8, "cancel", -90, 8, _why("buy", 3_000, 90, "cancel"), reference="ORD-89930"),
    _entry(9, "earn", 500, 40, _why("first", 1, 500), expires_on=date(2027, 12, 31), reference="ORD-88001"),
    _entry(10, "collect", 60, 44, NO_WHY, reference="ORD-88000"),
)  # fmt: skip
PAGE = Page(ENTRIES, None)
RETURN = OrderView(
    "e6",
    "change",
    "ORD-89950",
    "shopify",
    "渋谷店",
    None,
    NOW - timedelta(days=6),
    6_000,
    (),
    ENTRIES[5:7],
    title="Return",
)
REVIEW = OrderView(
    "e4",
    "action",
    None,
    "app",
    None,
    "app",
    NOW - timedelta(days=3),
    0,
    (),
    ENTRIES[3:4],
    title="Review",
    told=("rating: 5",),
)
TRACK = TrackView(
    TIER,
    [
        RungView(
            level.id, {"ja": level.name.ja, "en": level.name.en}, rank, level.at, rank == 1, 50 if rank < 2 else None
        )
        for rank, level in enumerate(PROGRAM.tiers.levels)
    ],
    telling_terms.counted(PROGRAM, PROGRAM.tiers),
    is_held=True,
)
FURTHER = TrackView(INSIDER, (), telling_terms.counted(PROGRAM, PROGRAM.tracks[0]), is_held=False)
CONSOLE_MEMBER = replace(
    WHOLE,
    member=WHOLE_MEMBER,
    track=TRACK,
    further=[FURTHER],
    spend=replace(WHOLE.spend, this_year=None, last_year=None),
)


def _seen(member, page=PAGE):
    return replace(seen(member, page), offer=OFFER)


MEMBER_PAGES = {
    "home-whole": lambda face: pages.home_page(face, _seen(WHOLE_MEMBER)),
    "home-journey": lambda face: pages.home_page(face, _seen(STEADY)),
    "home-owing": lambda face: pages.home_page(face, _seen(OWING)),
    "journey": lambda face: pages.journey_page(face, _seen(STEADY)),
    "points-whole": lambda face: pages.lots_page(face, _seen(WHOLE_MEMBER)),
    "tier-whole": lambda face: pages.tier_page(face, _seen(WHOLE_MEMBER)),
    "earn-whole": lambda face: pages.earn_page(face, _seen(WHOLE_MEMBER)),
    "history-whole": lambda face: pages.history_page(face, _seen(WHOLE_MEMBER)),
    "landing-whole": lambda face: landing.landing_page(
        replace(face, brand=LANDING.brand, path=LANDING.path(face.lang)), replace(LANDING, offer=OFFER)
    ),
}
CONSOLE_PAGES = {
    "member-whole": lambda face: console.member_page(face, CONSOLE_MEMBER, PAGE, Wish(), "/my"),
    "member-orders-whole": lambda face: console.orders_page(
        face, CONSOLE_MEMBER, OrderPage((RETURN, REVIEW), "", None), "/my"
    ),
    "member-return": lambda face: console.order_page(
        face, CONSOLE_MEMBER, OrderWhole(RETURN, "ret-1", NOW, None), "/my"
    ),
}
RARE = {"home-owing", "tier-whole", "points-whole", "member-return", "landing-whole", "member-orders-whole"}
