"""One member as text: pure functions of a face and views.

Every tab is an address of its own. Lists page by cursor, so that what is new never shifts what one reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from urllib.parse import quote

from kizuna.core.errors import N_
from kizuna.web import words
from kizuna.web.console.member.periods import offered
from kizuna.web.console.member.views import (
    ALWAYS,
    KINDS,
    TYPES,
    NoteDraft,
    NotePage,
    OrderPage,
    OrderView,
    OrderWhole,
    Tab,
    WholeView,
    Wish,
)
from kizuna.web.faces import Face, query, render
from kizuna.web.history import LotRow, by_month, lot_rows
from kizuna.web.views import EntryView, Page
from kizuna.web.why import kind_name, why_arithmetic, why_sentence

_IDENTITIES = {
    "email": N_("Email"),
    "phone": N_("Phone"),
    "card": N_("Card"),
    "customer": N_("Customer number"),
    "line": N_("LINE"),
}
_LANGUAGES = {"ja": N_("Japanese"), "en": N_("English")}
_TYPE_NAMES = {"order": N_("Purchases"), "redemption": N_("Redemptions")}
_EXCERPT = 140
_BAR, _BAR_GAP, _BAR_MIN = 1000, 4, 10


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the bar of open points, in thousandths of its width. `tone`: "soon", "later" or "never"."""

    x: int
    width: int
    tone: str


@dataclass(frozen=True, slots=True)
class LotBar:
    """Open points as one bar, soonest to expire first, and what each tone sums up to."""

    slices: Sequence[Slice]
    soon: int
    later: int
    never: int


@dataclass(frozen=True, slots=True)
class Retold:
    """An entry in another language."""

    lang: str
    sentence: str
    arithmetic: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class More:
    """What the console tells of an entry beyond My Page: the way to its order, and the same in the other languages."""

    way: Callable[[EntryView], str | None]
    retold: Callable[[EntryView], Sequence[Retold]]


@dataclass(frozen=True, slots=True)
class MonthOfOrders:
    """The orders of one month, newest first."""

    first: date
    orders: Sequence[OrderView]


def lot_bar(rows: Sequence[LotRow]) -> LotBar:
    """Return the bar of open points; even the smallest part is wide enough to be seen."""
    sums = {"soon": 0, "later": 0, "never": 0}
    parts: list[tuple[str, int]] = []
    for row in rows:
        tone = "soon" if row.is_soon else "never" if row.expires_on is None else "later"
        sums[tone] += row.points
        parts.append((tone, row.points))
    if len(parts) > _BAR // (_BAR_MIN * 3):
        parts = [(tone, total) for tone, total in sums.items() if total]
    total, room = sum(sums.values()), _BAR - _BAR_MIN * len(parts)
    slices, done, x = [], 0, 0
    for place, (tone, points) in enumerate(parts, start=1):
        done += points
        end = _BAR_MIN * place + room * done // total
        slices.append(Slice(x, end - x - (_BAR_GAP if place < len(parts) else 0), tone))
        x = end
    return LotBar(slices, **sums)


def member_path(whole: WholeView, *parts: str) -> str:
    """Return the address of a member, or of something of theirs."""
    return "/".join(["/console/members", *(quote(part, safe="") for part in (whole.member.id, *parts))])


def _more(face: Face, whole: WholeView) -> More:
    others = [lang for lang in face.languages if lang != face.lang]

    def way(entry: EntryView) -> str | None:
        return member_path(whole, "orders", f"{entry.key[:-2]}00") if entry.source else None

    def retold(entry: EntryView) -> Sequence[Retold]:
        if face.brand is None:
            return []
        brand = face.brand
        return [Retold(lang, why_sentence(entry, brand, lang), why_arithmetic(entry, brand, lang)) for lang in others]

    return More(way, retold)


def _page(face: Face, template: str, whole: WholeView, my_page_url: str | None, tab: Tab, **facts: object) -> str:
    rows = lot_rows(whole.member, face.brand)

    def identity_name(kind: str) -> str:
        return words.translate(face.lang, _IDENTITIES.get(kind, kind))

    def path(*parts: str) -> str:
        return member_path(whole, *parts)

    return render(
        face,
        f"console/{template}",
        whole=whole,
        member=whole.member,
        lot_rows=rows,
        lot_bar=lot_bar(rows),
        my_page_url=my_page_url,
        language_of_member=words.translate(face.lang, _LANGUAGES.get(whole.member.language, whole.member.language)),
        identity_name=identity_name,
        note_excerpt=_excerpt(whole.newest_note.body) if whole.newest_note else "",
        path=path,
        tab=tab,
        section="members",
        here=False,
        **facts,
    )


def member_page(face: Face, whole: WholeView, page: Page, wish: Wish, my_page_url: str | None) -> str:
    """Return one member with a page of history, every entry open to its arithmetic."""
    today = (words.local(whole.member.as_of, face.brand) if face.brand else whole.member.as_of).date()
    return _page(
        face,
        "member_history.html",
        whole,
        my_page_url,
        "history",
        groups=by_month(page.entries, face.brand),
        next_cursor=page.next_cursor,
        wish=wish,
        kinds=_kinds(face, whole, wish),
        periods=offered(today, whole.member.joined_on),
        more=_more(face, whole),
    )


def _kinds(face: Face, whole: WholeView, wish: Wish) -> list[tuple[str, str, bool]]:
    """Return the kinds by which this history may be narrowed, each as (address, words, whether it is chosen)."""
    coming = ("pend", "release") if whole.member.waiting else ()
    shown = [kind for kind in KINDS if kind in {*ALWAYS, *coming, *whole.kinds, wish.kind}]
    return [
        (member_path(whole) + query(kind=kind, period=wish.period.value), kind_name(kind, face.lang), kind == wish.kind)
        for kind in shown
    ]


def orders_page(face: Face, whole: WholeView, orders: OrderPage, my_page_url: str | None) -> str:
    """Return one member with a page of orders and redemptions."""

    def first(order: OrderView) -> date:
        return _local(face, order.at).date().replace(day=1)

    groups = [MonthOfOrders(month, list(group)) for month, group in groupby(orders.orders, key=first)]
    return _page(
        face,
        "member_orders.html",
        whole,
        my_page_url,
        "orders",
        groups=groups,
        page=orders,
        types=[(name, words.translate(face.lang, _TYPE_NAMES[name])) for name in TYPES],
        refusal_of=lambda order: words.problem_text(order.refusal, face.lang) if order.refusal else None,
    )


def order_page(face: Face, whole: WholeView, order: OrderWhole, my_page_url: str | None) -> str:
    """Return one order or redemption of a member: what was told, what it moved and why, what was answered."""
    refusal = words.problem_text(order.order.refusal, face.lang) if order.order.refusal else None
    facts = {
        "page": order,
        "order": order.order,
        "refusal": refusal,
        "more": replace(_more(face, whole), way=lambda _: None),
    }
    return _page(face, "member_order.html", whole, my_page_url, "orders", **facts)


def notes_page(face: Face, whole: WholeView, notes: NotePage, draft: NoteDraft, my_page_url: str | None) -> str:
    """Return one member with the staff's notes and the form of a new one."""
    refusal = words.problem_text(draft.problem, face.lang) if draft.problem else None
    facts = {"page": notes, "draft": draft, "refusal": refusal}
    return _page(face, "member_notes.html", whole, my_page_url, "notes", **facts)


def identities_page(face: Face, whole: WholeView, my_page_url: str | None) -> str:
    """Return one member with every name that they are known by."""
    return _page(face, "member_identities.html", whole, my_page_url, "identities")


def _local(face: Face, at: datetime) -> datetime:
    return words.local(at, face.brand) if face.brand else at


def _excerpt(body: str) -> str:
    """Return the beginning of a note, as much as stands beside a tab."""
    return body if len(body) <= _EXCERPT else f"{body[:_EXCERPT].rstrip()}…"
