"""What operations leave in a history: holds, corrections, transfers, a merge; the member who has points on hold."""

from dataclasses import replace
from datetime import date

from kizuna.web.console.member import pages as console
from kizuna.web.console.member.views import KINDS, OrderView, OrderWhole, Wish
from kizuna.web.member import pages
from kizuna.web.views import AccountView, LotView, Page
from samples.base import MEMBER, NOW, PLAIN, entry, seen
from samples.member import WHOLE

LAST = date(2027, 10, 31)
FOREST = AccountView("charity", "forest", {"ja": "こもれびの森", "en": "Komorebi Forest"})
LOST_CARD = AccountView("reason", "lost_card", {"ja": "カードの紛失", "en": "Lost card"})
APOLOGY, CLOSED = AccountView("reason", "apology"), AccountView("reason", "account_closed")
POOL, MERGE = AccountView("pool", "pool"), AccountView("merge", "merge")


def _entry(n: int, kind: str, points: int, **more: object):
    expires_on = more.pop("expires_on", None)
    return replace(entry(n, kind, points, n, PLAIN, expires_on), **more)


ENTRIES = (
    _entry(1, "hold", -500, event="hold.placed", reference="ORD-90210", taken=(LotView(500, LAST),), balance=11_800),
    _entry(2, "confirm", -300, event="hold.confirmed", reference="ORD-90209", balance=12_300),
    _entry(3, "void", 200, event="hold.confirmed", reference="ORD-90209", expires_on=LAST),
    _entry(4, "void", 30, event="hold.voided", timed_out=True, expires_on=LAST),
    _entry(5, "redeem", -1_000, event="points.redeemed", account=FOREST),
    _entry(6, "restore", 400, event="redemption.voided", expires_on=LAST),
    _entry(7, "adjust", 50, event="points.adjusted", account=APOLOGY, expires_on=LAST),
    _entry(8, "adjust", -120, event="points.adjusted", account=LOST_CARD, taken=(LotView(100, LAST),)),
    _entry(9, "transfer", 250, event="points.transferred", note="お誕生日おめでとう", expires_on=LAST),
    _entry(10, "transfer", -80, event="points.transferred"),
    _entry(11, "transfer", -60, event="points.redeemed", account=POOL),
    _entry(12, "extend", 900, event="points.extended", account=APOLOGY, expires_on=LAST),
    _entry(13, "transfer", 2_000, event="member.merged", account=MERGE, expires_on=LAST),
    _entry(14, "revive", 70, account=AccountView("reason", "import_undone"), expires_on=LAST),
    _entry(15, "adjust", -10, event="member.closed", account=CLOSED),
)
PAGE = Page(ENTRIES, None)
HOLDER = replace(MEMBER, held=500)
HOLD = OrderView(
    "e1", "action", "ORD-90210", "key:till", None, None, NOW, 0, (), ENTRIES[:1], title="Points set aside",
    told=("points: 500", "minutes: 30"),
)  # fmt: skip
CONSOLE_MEMBER = replace(WHOLE, member=HOLDER, kinds=KINDS)
MEMBER_PAGES = {
    "home-held": lambda face: pages.home_page(face, seen(HOLDER, PAGE)),
    "history-operations": lambda face: pages.history_page(face, seen(HOLDER, PAGE)),
}
CONSOLE_PAGES = {
    "member-operations": lambda face: console.member_page(face, CONSOLE_MEMBER, PAGE, Wish(), "/my"),
    "member-hold": lambda face: console.order_page(face, CONSOLE_MEMBER, OrderWhole(HOLD, "h-1", NOW, None), "/my"),
}
RARE = {"home-held", "member-hold"}
