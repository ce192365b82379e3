"""How the live feed says what happens: lines as they stand in the list, figures as numbers, only where they changed. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from kizuna import insight
from kizuna.publishing import PlanBook
from kizuna.web.console.overview import pages
from kizuna.web.console.overview.views import Happening
from kizuna.web.faces import Face
from kizuna.web.reads import uuid_text
from kizuna.web.standings import words

_Kind = Literal["earn", "redeem", "expire", "hold", "void", "confirm", "restore", "adjust", "extend", "transfer"]
_KINDS: dict[insight.Deed, _Kind] = {
    insight.Deed.JOIN: "earn",
    insight.Deed.ORDER: "earn",
    insight.Deed.REDEEM: "redeem",
    insight.Deed.EXPIRE: "expire",
    insight.Deed.HOLD: "hold",
    insight.Deed.VOID: "void",
    insight.Deed.CONFIRM: "confirm",
    insight.Deed.RESTORE: "restore",
    insight.Deed.ADJUST: "adjust",
    insight.Deed.EXTEND: "extend",
    insight.Deed.TRANSFER: "transfer",
}


def happenings(found: Sequence[insight.Happening], book: PlanBook) -> Iterator[Happening]:
    """Yield what happened as shown: an order that enrolled its member is two things, a refused redemption is none."""
    for one in found:
        kind = _KINDS.get(one.deed)
        if kind is None:
            continue
        key, member, name = one.key.hex(), uuid_text(one.member), one.name or one.card
        if one.deed is insight.Deed.JOIN:
            yield Happening(f"{key}-join", "join", one.at, member, name)
        rule = None
        if one.version is not None and one.rule is not None and one.version <= len(book.plans):
            rule = words(book.version(one.version).program.rules[one.rule].name)
        amount = one.amount if kind == "earn" else None
        yield Happening(key, kind, one.at, member, name, one.points, amount, one.reference, rule)


class Teller:
    """Speaks to one listener; remembers what was said last, so that only changes are told."""

    def __init__(self, face: Face, book: PlanBook) -> None:
        self._face, self._book = face, book
        self._last: dict[str, float] | None = None
        self._is_away = False

    def goes_away(self) -> bool:
        """Note that the database is away; tell whether that is new."""
        was, self._is_away = self._is_away, True
        self._last = None
        return not was

    def lines(self, found: Sequence[insight.Happening]) -> list[dict[str, Any]]:
        """Return lines as HTML, each with its key, by which a reader knows one that was told before."""
        return [{"key": one.key, "html": pages.live_line(self._face, one)} for one in happenings(found, self._book)]

    def pulse(self, headline: insight.Headline, rate: float, behind_s: int) -> dict[str, float] | None:
        """Return the figures that change while one looks, `rate` in events per second; None when all are as they were."""
        self._is_away = False
        told = {
            "members": headline.members,
            "issued_today": headline.issued,
            "redeemed_today": headline.redeemed,
            "outstanding": headline.outstanding,
            "rate": rate,
            "behind_s": behind_s,
        }
        if told == self._last:
            return None
        self._last = told
        return told
