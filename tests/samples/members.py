"""The list of members: many, one, none, empty, the longest names, every column, and a member open beside it."""

from dataclasses import replace
from datetime import date, timedelta

from kizuna.web.console.members import pages
from kizuna.web.console.members.asked import Asked
from kizuna.web.console.members.views import Layout, ListRow, MemberTable, Panel, SavedView
from kizuna.web.faces import Face
from samples.base import ENTRIES, GOLD, LONG_NAME, MEMBER, NEW, SILVER, TIER

_NAMES = (
    ("佐藤 陽菜", "さとう ひな"), ("鈴木 蓮", "すずき れん"), ("高橋 結衣", "たかはし ゆい"), ("田中 湊", "たなか みなと"),
    ("伊藤 葵", "いとう あおい"), ("渡辺 樹", "わたなべ いつき"), ("山本 凛", None), ("中村 悠真", "なかむら ゆうま"),
    (LONG_NAME, "まりあ・でる・かるめん・ふぇるなんです＝ごんされす・で・ら・くるす"), (None, None),
)  # fmt: skip
TIERS = ({"ja": "レギュラー", "en": "Regular"}, {"ja": "ブロンズ", "en": "Bronze"}, SILVER, GOLD)
ROWS = tuple(
    ListRow(
        id=f"m{n}" if n else MEMBER.id,
        name=_NAMES[n % 10][0],
        name_kana=_NAMES[n % 10][1],
        card_number=f"29001234567{n:05d}" if n % 7 else None,
        tier=TIER if n % 3 else replace(TIER, id="gold", name=GOLD, rank=3),
        balance=(n * 7919) % 60_000,
        last_order_on=date(2026, 11, 20) - timedelta(days=n * 9) if n % 5 else None,
        joined_on=date(2025, 4, 2) + timedelta(days=n),
        orders=n * 37 % 215,
        spend=n * 48_211,
        expires_on=date(2026, 12, 5) + timedelta(days=n) if n % 4 else None,
        expiring=n * 120,
    )
    for n in range(24)
)
MANY = MemberTable(ROWS, 10_000, is_more=False, previous="p", following="n", tiers=TIERS)
ONE = MemberTable(ROWS[1:2], 1, is_more=False, previous=None, following=None, tiers=TIERS)
EMPTY = MemberTable((), 0, is_more=False, previous=None, following=None, tiers=TIERS)
LAYOUT = Layout(pages.DEFAULT_COLUMNS)
WHOLE = Layout(tuple(pages.COLUMNS), is_compact=True)
VIEWS = (
    SavedView(1, "ゴールド・90日購入なし", "tier=3&sleeping=90"),
    SavedView(2, "今月入会した会員のうち残高が多い順に並べたもの", "joined=2026-11&sort=-balance"),
)
NARROWED = Asked(tier=3, sleeping=90, joined="2026-04", sort="-balance")


def searched(face: Face, text: str) -> str:
    """Return the list as a search for `text` shows it."""
    return pages.members_page(face, ONE if text else MANY, Asked(q=text), LAYOUT, VIEWS)


CONSOLE_PAGES = {
    "members": lambda face: pages.members_page(face, MANY, Asked(), LAYOUT, VIEWS),
    "members-panel": lambda face: pages.members_page(face, MANY, NARROWED, LAYOUT, VIEWS, Panel(MEMBER, ENTRIES[:3])),
    "members-whole": lambda face: pages.members_page(face, MANY, Asked(sort="-spend"), WHOLE, VIEWS),
    "members-new": lambda face: pages.members_page(face, MANY, Asked(open="x"), LAYOUT, (), Panel(NEW, ())),
    "members-one": lambda face: pages.members_page(face, ONE, Asked(q="鈴木"), LAYOUT),
    "members-more": lambda face: pages.members_page(
        face, replace(MANY, total=1000, is_more=True), Asked(q="さ"), LAYOUT
    ),
    "members-none": lambda face: pages.members_page(face, EMPTY, Asked(q="該当なし"), LAYOUT),
    "members-unmet": lambda face: pages.members_page(face, EMPTY, NARROWED, LAYOUT),
    "members-empty": lambda face: pages.members_page(face, EMPTY, Asked(), LAYOUT),
}
RARE = {"members-whole", "members-new", "members-one", "members-more", "members-none", "members-unmet", "members-empty"}
