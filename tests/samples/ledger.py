"""The ledger statement: a month of a grocer, with a unit that is worth money and one that is not, and a brand that begins."""

from datetime import date

from kizuna.ledger import Book
from kizuna.web.console.ledger import pages
from kizuna.web.console.ledger.views import BookView, LedgerView, LineView, UnitView
from samples.base import BASE, BONUS, BRAND

FOREST = {"ja": "里山の森を育てる基金", "en": "Fund for growing village forests"}
LOST = {"ja": "カード紛失のお詫び", "en": "Apology for a lost card"}
STARS = {"ja": "スター", "en": "Stars"}


def book(of: Book, opening: int, points: int, entries: int, *lines: LineView) -> BookView:
    return BookView(of, opening, points, opening + points, entries, lines)


def line(name, opening: int, points: int, entries: int, href: str | None = None) -> LineView:
    return LineView(name, opening, points, opening + points, entries, href)


BOOKS = (
    book(
        Book.ISSUED, 4_209_880, 318_420, 20_418,
        line(BASE, 3_909_380, 301_920, 20_385, "/console/program#rule-base"),
        line(BONUS, 300_500, 16_500, 33, "/console/program#rule-welcome"),
    ),
    book(Book.REVERSED, 18_240, 1_204, 96),
    book(Book.ADJUSTED, -1_200, 500, 1, line(LOST, -1_200, 500, 1)),
    book(Book.REDEEMED, 3_120_500, 242_000, 410, line(None, 3_020_500, 222_000, 380), line(FOREST, 100_000, 20_000, 30)),
    book(Book.EXPIRED, 210_020, 48_300, 1_930),
    book(Book.HELD, 0, 3_000, 2),
)  # fmt: skip
POINTS = UnitView("points", BRAND.unit_name, BOOKS, 859_920, 887_336, 318_420, 887_336)
SECOND = UnitView("stars", STARS, (book(Book.ISSUED, 900, 120, 120),), 900, 1_020)
VIEW = LedgerView(date(2026, 11, 1), date(2026, 11, 21), date(2026, 11, 21), (POINTS, SECOND))
BEGUN = LedgerView(
    date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 21), (UnitView("points", BRAND.unit_name, (), 0, 0),)
)
CONSOLE_PAGES = {
    "ledger": lambda face: pages.ledger_page(face, VIEW),
    "ledger-empty": lambda face: pages.ledger_page(face, BEGUN),
}
RARE = {"ledger-empty"}
