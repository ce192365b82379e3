"""My Page."""

from dataclasses import replace
from datetime import date

from kizuna.web.member import pages
from kizuna.web.member.visiting import LinkNeeded
from kizuna.web.views import LotView
from samples.base import FULL, LONG, MEMBER, MISSING, NEW, NOTHING, TIER, seen

FEW = replace(
    MEMBER,
    balance=320,
    lots=(LotView(320, date(2027, 3, 31)),),
    tier=replace(TIER, share=0.2, remaining=80_000, figure=20_000),
)
SOON = replace(MEMBER, balance=320, lots=(LotView(320, date(2026, 11, 21)),))
NEAR = replace(MEMBER, lots=(LotView(12_300, date(2027, 3, 31)),))
MEMBER_PAGES = {
    "home": lambda face: pages.home_page(face, seen(MEMBER, FULL)),
    "home-new": lambda face: pages.home_page(face, seen(NEW)),
    "home-few": lambda face: pages.home_page(face, seen(FEW, FULL)),
    "home-last-day": lambda face: pages.home_page(face, seen(SOON, FULL)),
    "home-near": lambda face: pages.home_page(face, seen(NEAR, FULL)),
    "home-long": lambda face: pages.home_page(face, seen(LONG, FULL)),
    "points": lambda face: pages.lots_page(face, seen(MEMBER)),
    "tier": lambda face: pages.tier_page(face, seen(MEMBER)),
    "tier-top": lambda face: pages.tier_page(face, seen(LONG)),
    "earn": lambda face: pages.earn_page(face, seen(MEMBER)),
    "history": lambda face: pages.history_page(face, seen(MEMBER, FULL)),
    "history-new": lambda face: pages.history_page(face, seen(NEW, NOTHING)),
    "card": lambda face: pages.card_page(face, seen(MEMBER)),
    "card-new": lambda face: pages.card_page(face, seen(NEW)),
    "card-long": lambda face: pages.card_page(face, seen(LONG)),
    "settings": lambda face: pages.settings_page(face, seen(MEMBER), saved=True),
    "my-problem": lambda face: pages.problem_page(face, MISSING, 404),
    "my-door": lambda face: pages.problem_page(replace(face, brand=None), LinkNeeded(), 401),
    "my-away": lambda face: pages.away_page(face, MEMBER.card_number),
}
RARE = {
    "home-new", "home-few", "home-last-day", "home-near", "home-long", "tier-top", "history-new", "card-new", "card-long", "my-problem",
    "my-away",
}  # fmt: skip
