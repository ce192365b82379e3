"""How a back-test speaks: figures, shares, months, assumptions and identities in the words of one language. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import get_currency_symbol

from kizuna.core.errors import N_
from kizuna.web import words
from kizuna.web.charts import compact, percent

MILLION = 1_000_000
NONE = "—"
JOINED = "\N{WORD JOINER}"
SHORT_MAX = 4
"""So many signs of an identity are shown at most, and never more than three in five."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A language, and the currency that amounts are in."""

    lang: str
    currency: str

    def words(self, msgid: str, **facts: object) -> str:
        """Return a message with its facts."""
        return words.translate(self.lang, msgid, **facts)

    def count(self, one: str, many: str, n: int, **facts: object) -> str:
        """Return the form of a message for `n` things."""
        return words.translate_n(self.lang, one, many, n, **facts)

    def points(self, n: int) -> str:
        """Return points with their unit."""
        return words.points(n, self.lang)

    def money(self, amount: int) -> str:
        """Return minor units as money."""
        return words.money(amount, self.currency, self.lang)

    def value(self, n: int, *, in_money: bool) -> str:
        """Return what members get: in money, or in points."""
        return self.money(n) if in_money else self.points(n)

    def signed(self, n: int, *, in_money: bool) -> str:
        """Return a difference with its sign."""
        return f"{f'+{JOINED}' if n > 0 else ''}{self.value(n, in_money=in_money)}"

    def tick(self, amount: int) -> str:
        """Return money briefly, for an axis."""
        whole, part = divmod(abs(amount), 10 ** words.currency_digits(self.currency))
        if part:
            return self.money(amount)
        sign = "−" if amount < 0 else ""
        return f"{sign}{get_currency_symbol(self.currency, locale='en')}{compact(whole, self.lang)}"

    def name(self, said: Mapping[str, str]) -> str:
        """Return a name that the brand wrote."""
        return words.brand_words(said, self.lang)

    def day(self, written: str) -> str:
        """Return a day, written as 2017-08-31."""
        return words.day(date.fromisoformat(written), self.lang)

    def month(self, written: str) -> str:
        """Return a month, written as 2017-08."""
        return words.month(first_of(written), self.lang)

    def short_month(self, written: str, *, is_first: bool) -> str:
        """Return a month on the axis; the first, and every January, carries its year."""
        first = first_of(written)
        if is_first or first.month == 1:
            return format_date(first, "yy/M月" if self.lang == "ja" else "MMM yy", locale=self.lang)
        return format_date(first, "M月" if self.lang == "ja" else "MMM", locale=self.lang)


def first_of(written: str) -> date:
    """Return the first day of a month, written as 2017-08."""
    return date.fromisoformat(f"{written}-01")


def share(millionths: int | None) -> str:
    """Return parts of a million as per cent: two decimals below 10 %, else one."""
    if millionths is None:
        return NONE
    if millionths in (0, MILLION):
        return "0%" if not millionths else "100%"
    if 0 < millionths < 50:
        return "<0.01%"
    ten_thousandths = (abs(millionths) + 50) // 100
    sign = -1 if millionths < 0 else 1
    return percent(sign * ten_thousandths, 2 if ten_thousandths < 1_000 else 1)


def ratio(part: int, whole: int) -> int | None:
    """Return a part of a whole in parts of a million, None of nothing."""
    return part * MILLION // whole if whole > 0 else None


def tenths(millionths: int | None) -> int | None:
    """Return parts of a million as the ten-thousandths that charts draw."""
    return None if millionths is None else millionths // 100


def percent_of(ten_thousandths: int) -> str:
    """Return ten-thousandths as a chart says them."""
    return percent(ten_thousandths)


def shortened(identity: str) -> str:
    """Return an identity so that its brand may find it and a stranger may not: `customer:48213` → `customer …213`."""
    kind, colon, value = identity.partition(":")
    if not colon:
        kind, value = "", identity
    shown = value[len(value) - min(SHORT_MAX, len(value) * 3 // 5) :]
    return f"{kind} …{shown}".strip()


def assumption(told: Mapping[str, Any], voice: Voice) -> str:
    """Return in a sentence who was assumed to redeem when: it stands on top of every result."""
    behaviour = told["behaviour"]
    match behaviour["kind"]:
        case "multiples":
            return voice.words(
                N_("Assumed: before each purchase, members redeem as many whole steps of {step} as they have."),
                step=voice.points(behaviour["step"]),
            )
        case "threshold" if behaviour["step"] > 1:
            return voice.words(
                N_("Assumed: once members have {at}, they redeem before their next purchase, in steps of {step}."),
                at=voice.points(behaviour["at"]),
                step=voice.points(behaviour["step"]),
            )
        case "threshold":
            return voice.words(
                N_("Assumed: once members have {at}, they redeem everything before their next purchase."),
                at=voice.points(behaviour["at"]),
            )
        case "hazard":
            return _hazard(told, voice)
    return voice.words(
        N_("Assumed: nobody redeems points beyond what the history records. What is not used expires or stays owed.")
    )


def _hazard(told: Mapping[str, Any], voice: Voice) -> str:
    seen = sum(told["behaviour"].get("seen", ()))
    said = voice.words(
        N_("Assumed: before each purchase, members redeem by chance; how likely depends on the points they have.")
    )
    if seen:
        fitted = voice.count(
            N_("The chances are those of {n} purchase of this brand."),
            "The chances are those of {n} purchases of this brand.",
            seen,
        )
        said = f"{said}{'' if voice.lang == 'ja' else ' '}{fitted}"
    if "bands" in told:
        drawn = voice.count(
            N_("Figures are one draw; a range is where 80% of {n} draw lies."),
            "Figures are one draw; a range is where 80% of {n} draws lie.",
            told["bands"]["draws"],
        )
        said = f"{said}{'' if voice.lang == 'ja' else ' '}{drawn}"
    return said


def period(told: Mapping[str, Any], voice: Voice) -> str:
    """Return the days of a back-test: from the first to the last."""
    return voice.words(N_("{first} to {last}"), first=voice.day(told["since"]), last=voice.day(told["until"]))


def brief(told: Mapping[str, Any], voice: Voice) -> str:
    """Return the assumption in a few words, for a table."""
    behaviour = told["behaviour"]
    match behaviour["kind"]:
        case "multiples":
            return voice.words(N_("in steps of {step}"), step=voice.points(behaviour["step"]))
        case "threshold":
            return voice.words(N_("from {points}"), points=voice.points(behaviour["at"]))
        case "hazard":
            return voice.words(N_("by chance"))
    return voice.words(N_("as recorded"))
