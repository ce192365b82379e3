"""My Page as text: pure functions of a face and a view. One function per screen; the routes call them."""

from collections.abc import Sequence

from kizuna.core.errors import Problem
from kizuna.web.faces import Face, render
from kizuna.web.history import by_month, lot_rows
from kizuna.web.views import MemberView, Page
from kizuna.web.words import problem_text

RECENT = 5


def number_parts(card_number: str) -> Sequence[str]:
    """Return a card number in groups of four, as one reads it aloud; a number with its own separators stays whole."""
    if not card_number.isalnum():
        return [card_number]
    return [card_number[at : at + 4] for at in range(0, len(card_number), 4)]


def home_page(face: Face, member: MemberView, page: Page) -> str:
    """Return the home: balance, what expires when, tier and the way to the next, and the newest entries."""
    rows = lot_rows(member, face.brand)
    soonest = next((row for row in rows if row.expires_on is not None), None)
    return render(
        face,
        "member/home.html",
        member=member,
        lot_rows=rows,
        soonest=soonest,
        recent=page.entries[:RECENT],
        section="home",
    )


def history_page(face: Face, member: MemberView, page: Page, cursor: str | None = None) -> str:
    """Return one page of history from `cursor`, grouped by month."""
    return render(
        face,
        "member/history.html",
        member=member,
        groups=by_month(page.entries, face.brand),
        next_cursor=page.next_cursor,
        cursor=cursor,
        section="history",
    )


def card_page(face: Face, member: MemberView) -> str:
    """Return the card: full-screen and bright in both themes, with QR and number."""
    return render(face, "member/card.html", member=member, number_parts=number_parts(member.card_number or ""))


def settings_page(face: Face, member: MemberView, *, saved: bool = False) -> str:
    """Return the settings; `saved` confirms a change."""
    return render(face, "member/settings.html", member=member, saved=saved, section="settings")


def problem_page(face: Face, problem: Problem, status: int) -> str:
    """Return a refusal as a page of its own, with the way back."""
    return render(face, "member/problem.html", refusal=problem_text(problem, face.lang), status=status)
