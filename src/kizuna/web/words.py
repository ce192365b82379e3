"""Every word and figure that a face shows, in Japanese and English. Figures are integers until they are text.

Message ids are English; `locale/<language>/LC_MESSAGES/kizuna.po` holds the translations, read once at start. An empty
translation means the id itself, so the English catalogue only holds what differs. `python -m kizuna.web.words check` proves
that Japanese is complete and keeps to docs/glossary.md; `… update` brings the catalogues in line with the sources.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import get_currency_precision, get_currency_symbol
from markupsafe import Markup, escape

from kizuna.core.errors import N_, Problem
from kizuna.program import Listed, Message
from kizuna.web.views import BrandView, Words

LANGUAGES = ("ja", "en")
COOKIE = "kizuna_lang"
_PACKAGE = Path(__file__).resolve().parents[1]

# Words that a Problem may carry as a fact, so that its sentence is whole in both languages.
_OURS = {
    "what": (
        N_("member"),
        N_("view"),
        N_("page"),
        N_("pool"),
        N_("program"),
        N_("order"),
        N_("brand"),
        N_("tier"),
        N_("user"),
        N_("key"),
        N_("file"),
        N_("picture"),
        N_("correction"),
        N_("backtest"),
    ),
    "reason": (
        N_("it is a workbook or an archive, not a CSV file"),
        N_("it is no whole Parquet file; it may have been cut off"),
    ),
    "where": (N_("before 1970"), N_("in the future")),
}


def locale_directory() -> Path:
    """Return where the catalogues are: inside an installed package, or at the root of a checkout."""
    packed = _PACKAGE / "locale"
    return packed if packed.is_dir() else _PACKAGE.parents[1] / "locale"


@cache
def catalogues() -> Mapping[str, Catalog]:
    """Return the catalogue of each language, read once."""
    found = {}
    for lang in LANGUAGES:
        with (locale_directory() / lang / "LC_MESSAGES" / "kizuna.po").open("rb") as file:
            found[lang] = read_po(file, locale=lang)
    return found


def _lookup(lang: str, msgid: str, n: int | None = None, many: str | None = None) -> str:
    return _found(lang, msgid, many, is_one=n is None or n == 1)


@lru_cache(maxsize=8192)  # a page looks up some hundred messages, and there are few in all
def _found(lang: str, msgid: str, many: str | None, *, is_one: bool) -> str:
    one = msgid
    if many is not None and not is_one:
        msgid = many
    catalogue = catalogues().get(lang)
    message = catalogue.get(one) if catalogue is not None else None
    if message is None or catalogue is None or message.fuzzy:
        return msgid
    text = message.string
    if isinstance(text, str):
        return text or msgid
    forms = [form for form in text or () if form]
    return forms[min(0 if is_one else 1, len(forms) - 1)] if forms else msgid


def translate(lang: str, msgid: str, **facts: object) -> str:
    """Return `msgid` in `lang`, its `{names}` filled with `facts`."""
    return _lookup(lang, msgid).format(**facts)


def translate_n(lang: str, one: str, many: str, n: int, **facts: object) -> str:
    """Return the form for `n` things; `{n}` reads with separators."""
    return _lookup(lang, one, n, many).format(**{"n": f"{n:,}", **facts})


def rich(lang: str, msgid: str, **facts: object) -> Markup:
    """Return `msgid` as HTML: its own text is escaped, facts that are Markup stay as they are."""
    text = str(escape(_lookup(lang, msgid)))
    return Markup(text.format(**{name: escape(fact) for name, fact in facts.items()}))  # noqa: S704 - text and facts are escaped


def brand_words(words: Words, lang: str) -> str:
    """Return the brand's own text in `lang`, else in the first language that it wrote; "" when it wrote none."""
    return words.get(lang) or next((text for text in words.values() if text), "")


def negotiate(
    asked: str | None, cookie: str | None, accept_language: str | None, offered: Sequence[str] = LANGUAGES
) -> str:
    """Return the language to show: asked for in the address, then the cookie, then the browser's wishes, then the first offered."""
    known = [lang for lang in offered if lang in LANGUAGES] or list(LANGUAGES)
    for choice in (asked, cookie):
        if choice in known:
            return choice
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "").split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        wishes.append((-weight, place, tag.strip().lower().split("-")[0]))
    return next((lang for weight, _, lang in sorted(wishes) if lang in known and weight < 0), known[0])


class Filled(Protocol):
    """A sentence that carries its message id and the facts that fill it (`connect.csv.Phrase`)."""

    msgid: str
    facts: Mapping[str, object]


def reason(lang: str, text: str) -> str:
    """Return a reason that a room gave in English, plain or `Filled`, in `lang`."""
    filled = cast("Filled", text)
    return translate(lang, filled.msgid, **filled.facts) if hasattr(text, "msgid") else _lookup(lang, text)


# Figures


def money(amount: int, currency: str, lang: str) -> str:
    """Return minor units as money: 4980 JPY → "¥4,980", 4980 USD → "$49.80"."""
    del lang  # both languages write money alike; full-width ￥ would break the column
    symbol, digits = _form(currency)
    whole, part = divmod(abs(amount), 10**digits)
    decimals = f".{part:0{digits}}" if digits else ""
    return f"{'−' if amount < 0 else ''}{symbol}{whole:,}{decimals}"


def plain_money(amount: int, currency: str) -> str:
    """Return minor units as a number for a sheet: 4980 JPY → "4980", 4980 USD → "49.80"."""
    digits = _form(currency)[1]
    whole, part = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}" + (f".{part:0{digits}}" if digits else "")


@cache
def _form(currency: str) -> tuple[str, int]:
    """Return a currency's sign and the digits of its minor unit."""
    return get_currency_symbol(currency, locale="en"), get_currency_precision(currency)


def currency_digits(currency: str) -> int:
    """Return the digits of a currency's minor unit: 0 for JPY, 2 for USD."""
    return _form(currency)[1]


def number(n: int) -> str:
    """Return an integer with separators and a true minus sign."""
    return f"{n:,}".replace("-", "−")


def points(n: int, lang: str) -> str:
    """Return points beside their unit: 12300 → "12,300 pt"."""
    del lang  # pt is the unit in both languages
    return f"{number(n)}\N{NO-BREAK SPACE}pt"


def signed_points(n: int, lang: str) -> str:
    """Return a change of points with its sign: "+120 pt", "−300 pt"."""
    return ("+" if n > 0 else "") + points(n, lang)


# Days


@lru_cache(maxsize=4096)  # pages name the same few hundred days again and again
@lru_cache(maxsize=16384)
def _written(day_of_month: tuple[int, int, int], pattern: str, lang: str) -> str:
    """Return a calendar day by a pattern: a page of history writes few different days, and many at once."""
    return format_date(date(*day_of_month), pattern, locale=lang)


def day(when: date, lang: str) -> str:
    """Return a day in full: 2026年11月21日(土), 21 Nov 2026."""
    return _written((when.year, when.month, when.day), "y年M月d日(E)" if lang == "ja" else "d MMM y", lang)


def short_day(when: date, lang: str) -> str:
    """Return a day of a year that the reader knows: 11月21日(土), Sat 21 Nov."""
    return _written((when.year, when.month, when.day), "M月d日(E)" if lang == "ja" else "EEE d MMM", lang)


def month(when: date, lang: str) -> str:
    """Return a month: 2026年11月, November 2026."""
    return _written((when.year, when.month, when.day), "y年M月" if lang == "ja" else "MMMM y", lang)


def local(at: datetime, brand: BrandView) -> datetime:
    """Return an instant on the brand's own clock."""
    return at.astimezone(ZoneInfo(brand.timezone))


def clock(at: datetime) -> str:
    """Return the time of day of a local instant: 09:05."""
    return at.strftime("%H:%M")


# Problems


@dataclass(frozen=True, slots=True)
class ProblemText:
    """A problem as a person reads it: what happened, and what to do next."""

    title: str
    remedy: str


def problem_text(problem: Problem, lang: str) -> ProblemText:
    """Return a problem's two sentences in `lang`; facts that are words of ours are translated with them."""
    facts = {name: _fact(name, fact, lang) for name, fact in problem.facts.items()}
    return ProblemText(translate(lang, problem.title, **facts), translate(lang, problem.remedy, **facts))


def person_text(by: str, lang: str) -> str:
    """Return who did something as colleagues know them: a person's address, or a key of the API."""
    if by.startswith("key:"):
        return translate(lang, N_("API key {key}"), key=by.removeprefix("key:"))
    return by.removeprefix("user:")


def _fact(name: str, fact: object, lang: str) -> object:
    if name == "reason" and isinstance(fact, str):
        return reason(lang, fact) if fact else fact
    if isinstance(fact, str):
        if hasattr(fact, "msgid"):
            return reason(lang, fact)
        if name == "who":
            return person_text(fact, lang)
        return translate(lang, fact) if fact in _OURS.get(name, ()) else fact
    if isinstance(fact, Message | Listed):
        from kizuna.web.tell import tell  # noqa: PLC0415 - it says its figures by this module

        return tell(fact, "", lang)
    return fact


if __name__ == "__main__":
    from kizuna.web.words_check import main

    sys.exit(main(sys.argv[1:]))
