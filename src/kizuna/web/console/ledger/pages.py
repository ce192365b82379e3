"""The ledger statement as text: pure functions of a face and a view."""

from datetime import date, timedelta

from kizuna.core.errors import N_
from kizuna.ledger import Book
from kizuna.web.console.ledger.views import LedgerView
from kizuna.web.faces import Face, render
from kizuna.web.words import translate

BOOKS: dict[Book, str] = {
    Book.ISSUED: N_("Issued"),
    Book.RELEASED: N_("Released after waiting"),
    Book.REVERSED: N_("Taken back by changes of orders"),
    Book.FORGIVEN: N_("Debt written off or paid"),
    Book.ADJUSTED: N_("Corrected by hand"),
    Book.REDEEMED: N_("Redeemed"),
    Book.EXPIRED: N_("Expired (breakage)"),
    Book.TRANSFERRED: N_("Transferred between members"),
    Book.HELD: N_("Held"),
    Book.PENDING: N_("Waiting to be issued"),
}


def ledger_page(face: Face, view: LedgerView) -> str:
    """Return the statement of a period."""
    return render(
        face,
        "console/ledger.html",
        section="jobs",
        here=False,
        view=view,
        books={book: translate(face.lang, name) for book, name in BOOKS.items()},
        periods=_periods(face.lang, view),
    )


def _periods(lang: str, view: LedgerView) -> list[tuple[str, str, bool]]:
    """Return what is chosen most often: its name, its address, and whether it is shown."""
    month = view.today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    offered: list[tuple[str, date, date]] = [
        (N_("This month"), month, view.today),
        (N_("Last month"), before, month - timedelta(days=1)),
        (N_("This year"), view.today.replace(month=1, day=1), view.today),
    ]
    return [
        (translate(lang, name), f"/console/ledger?from={first}&to={last}", (first, last) == (view.first, view.last))
        for name, first, last in offered
    ]
