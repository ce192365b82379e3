"""My Page."""

from kizuna.web.member import pages
from samples.base import FULL, LONG, MEMBER, NEW, NOTHING, REFUSED

MEMBER_PAGES = {
    "home": lambda face: pages.home_page(face, MEMBER, FULL),
    "home-new": lambda face: pages.home_page(face, NEW, NOTHING),
    "home-long": lambda face: pages.home_page(face, LONG, FULL),
    "history": lambda face: pages.history_page(face, MEMBER, FULL),
    "history-new": lambda face: pages.history_page(face, NEW, NOTHING),
    "card": lambda face: pages.card_page(face, MEMBER),
    "card-new": lambda face: pages.card_page(face, NEW),
    "card-long": lambda face: pages.card_page(face, LONG),
    "settings": lambda face: pages.settings_page(face, MEMBER, saved=True),
    "my-problem": lambda face: pages.problem_page(face, REFUSED, 503),
}
RARE = {"home-new", "home-long", "history-new", "card-new", "card-long"}
