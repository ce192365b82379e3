"""One member in the console: full, new, longest; each tab; an order and a redemption on their own pages."""

from dataclasses import replace
from datetime import date, timedelta

from kizuna.intake import InsufficientPoints
from kizuna.members import NoteTooLong
from kizuna.program import telling_terms
from kizuna.web.console.member import pages
from kizuna.web.console.member.periods import parse_period
from kizuna.web.console.member.views import (
    AnswerView,
    KnownAs,
    LineView,
    NoteDraft,
    NotePage,
    NoteView,
    OrderPage,
    OrderView,
    OrderWhole,
    RungView,
    SpendView,
    TrackView,
    WholeView,
    Wish,
)
from kizuna.web.views import LotView, MakingView, Page
from samples.base import ENTRIES, GOLD, LONG, MEMBER, NEW, NOTHING, NOW, PROGRAM, SILVER

MY_PAGE = "/my"
COUNTED = telling_terms.counted(PROGRAM, PROGRAM.tiers)
REGULAR, BRONZE = {"ja": "レギュラー", "en": "Regular"}, {"ja": "ブロンズ", "en": "Bronze"}
PLATINUM = {"ja": "プラチナ", "en": "Platinum"}
_RUNGS = (("regular", REGULAR, 0), ("bronze", BRONZE, 30_000), ("silver", SILVER, 60_000), ("gold", GOLD, 100_000))
_HIGHER = (*_RUNGS, ("platinum", PLATINUM, 200_000))


def track(member, levels, here: int, spend: int, *, keep: int | None = None) -> TrackView:
    """Return a track of `levels` for a member on the rung `here` whose `spend` counts."""
    ends = [*(at for _, _, at in levels[1:]), None]
    shares = [
        None if end is None else max(0, min(100, (spend - at) * 100 // (end - at)))
        for (_, _, at), end in zip(levels, ends, strict=True)
    ]
    rungs = [
        RungView(id_, name, rank, at, rank == here, share)
        for rank, ((id_, name, at), share) in enumerate(zip(levels, shares, strict=True))
    ]
    return TrackView(replace(member.tier, keep=keep), rungs, COUNTED, is_held=keep is not None)


NOTE = NoteView(
    12, "mika.tanaka@komorebi.example", "お子さんの誕生日が6月。\nアレルギー対応の商品についてお問い合わせあり。", NOW
)
NOTES = (
    NOTE,
    replace(
        NOTE,
        id=9,
        body="電話で残高のお問い合わせ。失効の理由をご説明し、ご納得いただいた。",
        written_at=NOW - timedelta(days=40),
    ),
    replace(
        NOTE,
        id=4,
        body="Prefers English on the phone.",
        author="ken@komorebi.example",
        written_at=NOW - timedelta(days=90),
    ),
)
WHOLE = WholeView(
    member=MEMBER,
    last_active_on=date(2026, 11, 21),
    spend=SpendView(214, 2026, 87_700, 142_300, 1_204_980, 5_630, NOW),
    track=track(MEMBER, _RUNGS, 2, 87_700),
    further=(),
    identities=[
        KnownAs(one.kind, one.value, date(2025, 4, 2) if one.kind in ("card", "email") else None)
        for one in MEMBER.identities
    ],
    notes=3,
    newest_note=NOTE,
)
NEWCOMER = WholeView(
    member=NEW,
    last_active_on=None,
    spend=SpendView(0, 2026, 0, 0, 0, None, None),
    track=track(NEW, _RUNGS, 0, 0),
    further=(),
    identities=[],
    notes=0,
    newest_note=None,
)
LONGEST = WholeView(
    member=LONG,
    last_active_on=date(2026, 11, 21),
    spend=SpendView(1_234_567, 2026, 123_456_789_000, 98_765_432_100, 9_876_543_210_000, 7_999_999, NOW),
    further=(),
    track=track(
        LONG,
        (*_HIGHER, ("vip", {"ja": "ロイヤル・ダイヤモンド・プレミアム", "en": "Royal Diamond Premium"}, 9_000_000)),
        4,
        150_000,
        keep=50_000,
    ),
    identities=[KnownAs(one.kind, one.value, None) for one in LONG.identities],
    notes=1,
    newest_note=replace(NOTE, author=LONG.identities[0].value, body="とても長いメモ。" * 60),
)
_DETAILED = (
    replace(ENTRIES[0], balance=12_300),
    replace(
        ENTRIES[1],
        balance=12_276,
        taken=(LotView(300, date(2026, 11, 30)), LotView(1_200, date(2026, 12, 5))),
    ),
    replace(ENTRIES[2], balance=13_776),
    replace(ENTRIES[3], balance=13_648, made=MakingView(2, 400, date(2026, 8, 2), date(2026, 8, 3))),
    *ENTRIES[4:],
)
HISTORY = Page(_DETAILED, "older")
LINES = (
    LineView("サンロッソ トマト缶 400g", 3, 594),
    LineView("北海道バター 200g", 1, 498),
    LineView("返品 牛乳", 1, -198),
)
ORDER = OrderView(
    "e1", "order", "ORD-89999", "shopify", "渋谷店", "店頭", NOW, 4_980, LINES, (replace(_DETAILED[0], balance=None),)
)
REFUSED = OrderView(
    "e9", "redemption", "コーヒー豆 200g", "till-1", None, None, NOW - timedelta(days=2), 90_000, (), (),
    InsufficientPoints(field="data.points", points=90_000, balance=12_300),
)  # fmt: skip
ORDERS = (
    ORDER,
    replace(ORDER, key="e0", reference="ORD-89998", amount=90, lines=(), entries=(), channel=None),
    REFUSED,
    OrderView(
        "e2", "redemption", "RDM-6998", "till-1", None, None, NOW - timedelta(days=4), 1_500, (), (_DETAILED[1],)
    ),
    *(
        replace(ORDER, key=f"o{n}", reference=f"ORD-8{n:04}", at=NOW - timedelta(days=9 * n), lines=LINES * n)
        for n in range(1, 6)
    ),
)
ALL = Wish()
NARROWED = Wish("redeem", parse_period("2026-10", NOW.date()), "c")
DRAFT = NoteDraft("form-1")
TOO_LONG = NoteTooLong(field="body", length="4,001", length_max="4,000", over="1")
OWN = OrderWhole(ORDER, "gid://shopify/Order/5390421", NOW, AnswerView(12_300, BRONZE, SILVER))
OWN_REFUSED = OrderWhole(REFUSED, "7f3b2c", NOW, AnswerView(12_300, SILVER, SILVER))
CONSOLE_PAGES = {
    "member": lambda face: pages.member_page(face, WHOLE, HISTORY, ALL, MY_PAGE),
    "member-new": lambda face: pages.member_page(face, NEWCOMER, NOTHING, ALL, None),
    "member-long": lambda face: pages.member_page(face, LONGEST, HISTORY, Wish(cursor="c"), MY_PAGE),
    "member-narrowed": lambda face: pages.member_page(face, WHOLE, NOTHING, NARROWED, MY_PAGE),
    "member-orders": lambda face: pages.orders_page(face, WHOLE, OrderPage(ORDERS, "", "older"), MY_PAGE),
    "member-orders-new": lambda face: pages.orders_page(face, NEWCOMER, OrderPage((), "", None), None),
    "member-order": lambda face: pages.order_page(face, WHOLE, OWN, MY_PAGE),
    "member-refused": lambda face: pages.order_page(face, WHOLE, OWN_REFUSED, MY_PAGE),
    "member-notes": lambda face: pages.notes_page(
        face, WHOLE, NotePage(NOTES, (replace(NOTE, id=3, removed_at=NOW),), "4"), DRAFT, MY_PAGE
    ),
    "member-notes-new": lambda face: pages.notes_page(face, NEWCOMER, NotePage((), (), None), DRAFT, None),
    "member-notes-wrong": lambda face: pages.notes_page(
        face, LONGEST, NotePage(NOTES[:1], (), None), NoteDraft("form-1", "長いメモ" * 1000 + "。", TOO_LONG), MY_PAGE
    ),
    "member-identities": lambda face: pages.identities_page(face, WHOLE, MY_PAGE),
}
RARE = {
    "member-new",
    "member-long",
    "member-narrowed",
    "member-orders-new",
    "member-refused",
    "member-notes-new",
    "member-notes-wrong",
}


def hostile(face, member) -> str:
    """Return every tab of a member whose every text would do harm."""
    evil = "<script>alert(3)</script>"
    note = replace(NOTE, author=evil, body=evil)
    whole = replace(
        WHOLE,
        member=member,
        identities=[KnownAs(one.kind, one.value, None) for one in member.identities],
        newest_note=note,
    )
    order = replace(ORDER, reference=evil, source=evil, shop=evil, channel=evil, lines=(LineView(evil, 1, 1),))
    entry = replace(ENTRIES[0], reference=evil, source=evil)
    return (
        pages.member_page(face, whole, Page((entry,), None), ALL, None)
        + pages.orders_page(face, whole, OrderPage((order,), "", None), None)
        + pages.order_page(face, whole, OrderWhole(order, evil, NOW, None), None)
        + pages.notes_page(
            face, whole, NotePage((note,), (replace(note, removed_at=NOW),), None), NoteDraft(evil, evil), None
        )
        + pages.identities_page(face, whole, None)
    )
