"""Puts what `program.telling` says into a language: messages are translated from the inside out, values are shown as they are. Pure."""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from kizuna.core.errors import N_
from kizuna.program import Listed, Message, Money, Said, Sum, Text, UnitKind
from kizuna.web import words

if TYPE_CHECKING:
    from kizuna.web.faces import Face


class Teller:
    """Says facts of a program in a language and a brand's money."""

    def __init__(self, currency: str, lang: str) -> None:
        self.currency, self.lang = currency, lang

    @classmethod
    def of(cls, face: "Face") -> "Teller":
        """Return the teller of a face that shows a brand."""
        if face.brand is None:
            raise ValueError("a program is a brand's")
        return cls(face.brand.currency, face.lang)

    def __call__(self, fact: Said) -> str:
        """Return a fact as a sentence."""
        return sentence(fact, self.currency, self.lang)

    def words(self, msgid: str, **facts: object) -> str:
        """Return words of ours."""
        return words.translate(self.lang, msgid, **facts)


def tell(fact: Said, currency: str, lang: str) -> str:  # noqa: PLR0911 - one return for each kind of fact
    """Return a fact as text in `lang`."""
    match fact:
        case Message():
            return _message(fact, currency, lang)
        case Text():
            return getattr(fact, lang, fact.en)
        case Money():
            return words.money(fact.minor, currency, lang)
        case Sum(kind=UnitKind.MONEY):
            return words.money(fact.points, currency, lang)
        case Sum():
            return amount(fact, lang)
        case Listed():
            return _listed(fact, currency, lang)
        case dt.date():
            return words.day(fact, lang)
        case int():
            return words.number(fact)
        case _:
            return fact


def sentence(fact: Said, currency: str, lang: str) -> str:
    """Return a fact as a sentence: English begins with a capital."""
    text = tell(fact, currency, lang)
    return text[:1].upper() + text[1:] if lang == "en" else text


def amount(points: Sum, lang: str) -> str:
    """Return points of a unit: "120 pt", stamps counted, other points by their unit's name."""
    return sum_text(
        points.points, {"ja": points.unit.ja, "en": points.unit.en}, points.kind.value, lang, points.is_main
    )


def sum_text(n: int, name: Mapping[str, str], kind: str, lang: str, is_main: bool) -> str:  # noqa: FBT001 - a fact of the unit
    """Return `n` of a unit: a card's stamps are counted, the main points are pt, others go by their name."""
    unit = words.brand_words(name, lang)
    if kind == UnitKind.STAMPS.value:
        return words.translate(lang, N_("{unit} ×{n}"), n=words.number(n), unit=unit)
    if is_main:
        return words.points(n, lang)
    return words.translate(lang, N_("{n} {unit}"), n=words.number(n), unit=unit)


def _message(message: Message, currency: str, lang: str) -> str:
    facts = {name: tell(fact, currency, lang) for name, fact in message.facts.items()}
    if message.many:
        n = message.facts["n"]
        del facts["n"]
        return words.translate_n(lang, message.msgid, message.many, n if isinstance(n, int) else 0, **facts)
    return words.translate(lang, message.msgid, **facts)


def _listed(listed: Listed, currency: str, lang: str) -> str:
    text = tell(listed.parts[0], currency, lang)
    for place, part in enumerate(listed.parts[1:], start=2):
        glue = listed.last if place == len(listed.parts) else listed.between
        text = words.translate(lang, glue, one=text, other=tell(part, currency, lang))
    return text


def teller(currency: str, lang: str) -> partial[str]:
    """Return `sentence` bound to a brand's money and a language, as templates call it."""
    return partial(sentence, currency=currency, lang=lang)
