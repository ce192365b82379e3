"""The page for anybody."""

from dataclasses import replace
from datetime import date

from kizuna.web.faces import Face
from kizuna.web.landing import pages
from kizuna.web.landing.views import LandingView
from kizuna.web.offer import RuleView
from kizuna.web.views import LookView
from samples.base import BONUS, BRAND, LONG_NAME, OFFER

LANDING = LandingView(
    BRAND, OFFER, "https://points.komorebi.example", ("ja", "en"), date(2026, 4, 1), date(2026, 11, 21)
)
_WORDS = {
    "tagline": {"ja": "毎日のお買い物が、少しうれしい。", "en": "A little joy in every day’s shopping."},
    "contact": {"ja": "株式会社こもれび 東京都渋谷区神南1-1-1", "en": "Komorebi Inc., 1-1-1 Jinnan, Shibuya, Tokyo"},
    "support": {"ja": "points@komorebi.example", "en": "points@komorebi.example"},
    "terms": {"ja": "https://komorebi.example/terms", "en": "https://komorebi.example/en/terms"},
    "privacy": {"ja": "https://komorebi.example/privacy", "en": "https://komorebi.example/en/privacy"},
}
_LONG_NAME = {
    "ja": f"{LONG_NAME}のポイントプログラム",
    "en": "The Extraordinarily Rewarding Circle of Neighbourhood Friends",
}
_RULES = tuple(
    RuleView(f"rule{n}", BONUS, n, 100 * n + 50, way) for n, way in enumerate(("down", "nearest", "up"), start=1)
)
LONG = replace(
    LANDING,
    brand=replace(BRAND, name=f"{LONG_NAME}マーケット", program_name=_LONG_NAME, look=LookView(words=_WORDS)),
    offer=replace(OFFER, name=_LONG_NAME, rules=_RULES, days=None),
)
PLAIN = replace(
    LANDING,
    offer=replace(OFFER, rules=(), ways=(), ladder=replace(OFFER.ladder, rungs=OFFER.rungs[:1]), joins_by_buying=False),
)


def _page(face: Face, view: LandingView) -> str:
    return pages.landing_page(replace(face, brand=view.brand, path=view.path(face.lang)), view)


MEMBER_PAGES = {
    "landing": lambda face: _page(face, replace(LANDING, brand=replace(BRAND, look=LookView(words=_WORDS)))),
    "landing-long": lambda face: _page(face, LONG),
    "landing-plain": lambda face: _page(face, PLAIN),
    "landing-none": lambda face: pages.nothing_page(replace(face, brand=None)),
}
RARE = {"landing-long", "landing-plain", "landing-none"}
