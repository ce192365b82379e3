"""My Page as text: pure functions of a face and what was seen. One function per screen; the routes call them."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from itertools import groupby

from kizuna.core.errors import Problem
from kizuna.web import offer_words
from kizuna.web.faces import Face, render
from kizuna.web.history import LotRow, by_month, lot_rows
from kizuna.web.member.reads import Seen
from kizuna.web.member.step import next_step
from kizuna.web.words import currency_digits, problem_text

RECENT = 3
LINK_NEEDED = "member_link_needed"
"""The code of the refusal that is no refusal: nobody is signed in here yet."""


def number_parts(card_number: str) -> Sequence[str]:
    """Return a card number in groups of four, as one reads it aloud; a number with its own separators stays whole."""
    if not card_number.isalnum():
        return [card_number]
    return [card_number[at : at + 4] for at in range(0, len(card_number), 4)]


def _rules(face: Face) -> Mapping[str, object]:
    """Return the sentences about the program that a template may ask for."""
    currency = face.brand.currency if face.brand else ""
    return {
        "rate": partial(offer_words.rate, currency=currency, lang=face.lang),
        "rounding": partial(offer_words.rounding, lang=face.lang),
        "redemption_rule": partial(offer_words.redemption, lang=face.lang),
        "expiry_rule": partial(offer_words.expiry, currency=currency, lang=face.lang),
        "tier_rules": partial(offer_words.tier_rules, currency=currency, lang=face.lang),
    }


def home_page(face: Face, seen: Seen) -> str:
    """Return the home: balance, what expires when, the next step, the tier, what can be redeemed, and the newest entries."""
    member, rows = seen.member, lot_rows(seen.member, seen.brand)
    return render(
        face,
        "member/home.html",
        member=member,
        offer=seen.offer,
        step=next_step(seen.offer, member, seen.today),
        redeemable=seen.offer.redeemable(member.balance),
        lot_months=lots_by_month(rows),
        soonest=next((row for row in rows if row.expires_on is not None), None),
        recent=seen.page.entries[:RECENT],
        section="home",
        redemption_rule=partial(offer_words.redemption, lang=face.lang),
    )


def lots_by_month(rows: Sequence[LotRow]) -> Sequence[tuple[date | None, int, bool]]:
    """Return of each month in which points expire its first day, the points and whether some wait; None stands for never."""
    months: list[tuple[date | None, int, bool]] = []
    for first, group in groupby(rows, key=lambda row: row.expires_on.replace(day=1) if row.expires_on else None):
        lots = list(group)
        months.append((first, sum(row.points for row in lots), any(row.is_soon for row in lots)))
    return months


def lots_page(face: Face, seen: Seen) -> str:
    """Return the open points by the day they expire."""
    rows = lot_rows(seen.member, seen.brand)
    facts = {"member": seen.member, "lot_rows": rows, "offer": seen.offer, "section": "home"}
    return render(face, "member/lots.html", **facts, **_rules(face))


def tier_page(face: Face, seen: Seen) -> str:
    """Return the ladder of tiers, highest first, with the member's place."""
    return render(face, "member/tier.html", member=seen.member, offer=seen.offer, section="home", **_rules(face))


def earn_page(face: Face, seen: Seen) -> str:
    """Return how points are earned, redeemed and kept, with examples."""
    examples = seen.offer.example_amounts(currency_digits(seen.brand.currency))
    facts = {"running": seen.offer.running(seen.today), "coming": seen.offer.coming(seen.today), "examples": examples}
    return render(face, "member/earn.html", offer=seen.offer, section="earn", **facts, **_rules(face))


def journey_page(face: Face, seen: Seen) -> str:
    """Return the whole way: its stages, what is done, and what each step earns."""
    return render(face, "member/journey.html", member=seen.member, offer=seen.offer, section="home")


def history_page(face: Face, seen: Seen, cursor: str | None = None) -> str:
    """Return one page of history from `cursor`, grouped by month."""
    return render(
        face,
        "member/history.html",
        member=seen.member,
        groups=by_month(seen.page.entries, seen.brand),
        next_cursor=seen.page.next_cursor,
        cursor=cursor,
        section="history",
    )


def card_page(face: Face, seen: Seen) -> str:
    """Return the card: full-screen and bright in both themes, with QR and number."""
    parts = number_parts(seen.member.card_number or "")
    return render(face, "member/card.html", member=seen.member, number_parts=parts)


def settings_page(face: Face, seen: Seen, *, saved: bool = False) -> str:
    """Return the settings; `saved` confirms a change."""
    return render(face, "member/settings.html", member=seen.member, saved=saved, section="settings")


def away_page(face: Face, card_number: str | None) -> str:
    """Return what can be shown while the database is away: that it is, and the card."""
    return render(face, "member/away.html", card_number=card_number, number_parts=number_parts(card_number or ""))


def problem_page(face: Face, problem: Problem, status: int) -> str:
    """Return a refusal as a page of its own with the way back; who is not signed in is told how to come in."""
    if problem.code == LINK_NEEDED:
        return render(face, "member/door.html")
    return render(face, "member/problem.html", refusal=problem_text(problem, face.lang), status=status)
