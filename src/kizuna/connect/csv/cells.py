"""Reading single values as people and spreadsheets write them. Pure and exact: an integer or a `Fault` comes out.

Money never passes through a float: text becomes an integer digit by digit. Full-width digits, thousands separators, the
brand's currency sign and the Japanese signs of a negative amount (△, ▲) are read.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_symbol

from kizuna.connect.csv.rejects import (
    EMPTY,
    NO_SUCH_TIME,
    NOT_A_NUMBER,
    NOT_A_TIME,
    NOT_WHOLE_NUMBER,
    OTHER_CURRENCY,
    TOO_LARGE,
    TOO_LONG,
    UNPRINTABLE,
    UNTRANSLATED,
    Fault,
    Phrase,
)
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.core.days import DAY_NEVER, day_number
from kizuna.core.errors import N_
from kizuna.program import AMOUNT_MAX

Reader = Callable[[object], "int | Fault"]
"""Reads one value of a column as an integer: an amount, an instant, a number in a vocabulary."""

TEXT_LENGTH_MAX = 190
"""Leaves room for the prefixes `order/` and `customer:` within the 200 characters of a name."""

NOTHING = -1
"""The code of an optional text that is empty."""

NOISE_DIGITS = 6
"""An amount may lie 10^-6 of a major unit off a whole number of minor units: programs that count in doubles write
6.390000000000001 for 6.39. What lies further off is a fraction, and refused."""

_NUMBER_LENGTH_MAX = 40
_NUMBER = re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.(?P<decimals>[0-9]+))?")
_SCIENTIFIC = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?[eE][+-]?[0-9]{1,2}")  # 1.776357e-15, a double's way to be 0
_SLASHED = re.compile(
    r"(?P<year>[0-9]{4})[/.年](?P<month>[0-9]{1,2})[/.月](?P<day>[0-9]{1,2})日?"
    r"(?:[ T]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
)
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
"""The year before the first one of an era that has days since 1970."""
_ERA = re.compile(r"(?P<era>令和|平成|昭和|[RHS])\.?(?P<year>元|0?[1-9]|[1-9][0-9])[-/.年](?P<rest>.*)", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def plain(value: object) -> str:
    """Return a value as the text it stands for; a whole float is the id that a table without integers made of it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value).strip()


def texts(vocabulary: Vocabulary, *, optional: bool = False) -> Reader:
    """Return a reader of ids and names."""

    def read(value: object) -> int | Fault:
        text = unicodedata.normalize("NFC", plain(value))
        if not text:
            return NOTHING if optional else EMPTY
        fault = text_fault(text)
        return fault or vocabulary.code(text)

    return read


def text_fault(text: str) -> Fault | None:
    """Return what is wrong with a text, None if nothing is."""
    if len(text) > TEXT_LENGTH_MAX:
        return TOO_LONG
    return None if text.isprintable() else UNPRINTABLE


def quantities(*, signed: bool = False) -> Reader:
    """Return a reader of quantities; an empty one is 1. With `signed` it may be less than 0."""

    def read(value: object) -> int | Fault:
        text = unicodedata.normalize("NFKC", plain(value)).replace("−", "-")
        if not text:
            return 1
        negative, text = _unsigned(text) if signed else (False, text)
        quantity = _digits(text, 0)
        if quantity is None:
            return NOT_WHOLE_NUMBER
        if quantity > AMOUNT_MAX:
            return TOO_LARGE
        return -quantity if negative else quantity

    return read


BOUGHT, RETURNED = 0, 1
"""What a row tells."""


def kinds(returned: Collection[str], bought: Collection[str]) -> Reader:
    """Return a reader of what a row tells; with `bought` no other word is a purchase."""
    back, sold = ({_folded(word) for word in words} for words in (returned, bought))

    def read(value: object) -> int | Fault:
        word = _folded(plain(value))
        if word in back:
            return RETURNED
        if sold and word and word not in sold:
            return Fault(Phrase(UNTRANSLATED.reason, known=", ".join((*returned, *bought))), UNTRANSLATED.remedy)
        return BOUGHT

    return read


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().casefold()


def currencies(currency: str) -> Reader:
    """Return a reader of the names of currencies that knows one only, by its code or its sign."""
    other = Fault(Phrase(OTHER_CURRENCY.reason, currency=currency), Phrase(OTHER_CURRENCY.remedy, currency=currency))

    def read(value: object) -> int | Fault:
        word = _folded(plain(value))
        return EMPTY if not word else 0 if word in map(_folded, _signs(currency)) else other

    return read


@lru_cache(maxsize=16)
def _signs(currency: str) -> frozenset[str]:
    """Return how amounts of a currency are marked."""
    signs = {unicodedata.normalize("NFKC", get_currency_symbol(currency, locale)) for locale in ("ja", "en")}
    yen = {"円", "\\"} if currency == "JPY" else set()  # CP932 has the yen sign where ASCII has the backslash
    return frozenset(signs | {currency} | yen)


def amounts(currency: str, digits: int) -> Reader:
    """Return a reader of amounts: an amount with at most `digits` decimals becomes a whole number of minor units."""

    def read(value: object) -> int | Fault:
        text = unicodedata.normalize("NFKC", plain(value)).replace("−", "-")
        if not text:
            return EMPTY
        negative, text = _unsigned(text)
        for sign in _signs(currency):
            text = text.removeprefix(sign).removesuffix(sign).strip()
        inner, text = _unsigned(text)
        minor = None if negative and inner else _digits(text, digits)
        if minor is None:
            return _why_no_amount(text, digits)
        if minor > AMOUNT_MAX:
            return TOO_LARGE
        return -minor if negative or inner else minor

    return read


def _unsigned(text: str) -> tuple[bool, str]:
    """Take a negative sign off: `-5`, `△5`, `▲5` or `(5)`."""
    if text[:1] in {"-", "△", "▲"}:
        return True, text[1:].strip()
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1].strip()
    return False, text


def _digits(text: str, digits: int) -> int | None:
    """Return `text` × 10^digits if it is a plain number and the result is whole but for noise (`NOISE_DIGITS`)."""
    if _SCIENTIFIC.fullmatch(text):
        text = f"{Decimal(text):f}"
    match = _NUMBER.fullmatch(text) if len(text) <= _NUMBER_LENGTH_MAX else None
    if match is None or not (match["whole"] or match["decimals"]):
        return None
    decimals = (match["decimals"] or "").rstrip("0").ljust(digits, "0")
    number = int((match["whole"] or "0").replace(",", "") + decimals)
    minor, rest = divmod(number, 10 ** (len(decimals) - digits))
    if rest * 2 > 10 ** (len(decimals) - digits):
        minor, rest = minor + 1, 10 ** (len(decimals) - digits) - rest
    return minor if rest * 10**NOISE_DIGITS <= 10 ** len(decimals) else None


def _why_no_amount(text: str, digits: int) -> Fault:
    match = _NUMBER.fullmatch(text)
    if match and match["decimals"]:
        return Fault(
            Phrase(N_("it has more than {digits} decimals"), digits=digits),
            N_("Round it, or say in the mapping how many decimals a minor unit has (“digits”)."),
        )
    return NOT_A_NUMBER


NO_DAY = -(2**31)
"""The number of an optional day that is empty."""


def days(form: str | None = None, *, never: Collection[str] = (), optional: bool = True) -> Reader:
    """Return a reader of days: days since 1970; one of the words `never` is `DAY_NEVER`."""

    def read(value: object) -> int | Fault:
        text = plain(value)
        if text in never:
            return DAY_NEVER
        if not text:
            return NO_DAY if optional else EMPTY
        local = _time(value, form)
        return local if isinstance(local, Fault) else day_number(local.date())

    return read


def optional(reader: Reader, nothing: int = 0) -> Reader:
    """Return a reader to which an empty value is `nothing`."""
    return lambda value: reader(value) if plain(value) else nothing


def chosen(vocabulary: Vocabulary, words: Mapping[str, str]) -> Reader:
    """Return a reader of names that the mapping may translate (`words`, by what stands in the files); without any, as they are."""

    def read(value: object) -> int | Fault:
        text = unicodedata.normalize("NFC", plain(value))
        if not text:
            return NOTHING
        if words and text not in words:
            return Fault(Phrase(UNTRANSLATED.reason, known=", ".join(words)), UNTRANSLATED.remedy)
        return text_fault(text) or vocabulary.code(words.get(text, text))

    return read


class ZoneNeeded(Exception):  # noqa: N818 - a signal inside the room, no error that a caller meets
    """A time without a zone was met, and the mapping names none."""


class NothingReadable(Exception):  # noqa: N818 - a signal inside the room, no error that a caller meets
    """Of many different values, picked from a whole column, none could be read: `value` is one, `fault` what is wrong with it."""

    def __init__(self, value: str, fault: Fault) -> None:
        super().__init__(value)
        self.value, self.fault = value, fault


def times(zone: ZoneInfo | None, form: str | None) -> Reader:
    """Return a reader of times: microseconds since 1970. Raises `ZoneNeeded`.

    Of an hour that occurs twice when clocks go back, the first is meant; one that clocks skip is a fault.
    """

    def read(value: object) -> int | Fault:
        local = _time(value, form)
        if isinstance(local, Fault):
            return local
        if local.tzinfo is None:
            if zone is None:
                raise ZoneNeeded(plain(value))
            placed = local.replace(tzinfo=zone)
            try:
                if placed.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
                    return NO_SUCH_TIME
            except OverflowError:
                return NOT_A_TIME
            local = placed
        return (local - _EPOCH) // _MICROSECOND

    return read


def _time(value: object, form: str | None) -> datetime | Fault:
    if isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
    text = plain(value)
    if not text:
        return EMPTY
    try:
        return datetime.strptime(text, form) if form else _usual_time(unicodedata.normalize("NFKC", text))  # noqa: DTZ007 - the zone is the mapping's
    except ValueError:
        return NOT_A_TIME


def _usual_time(text: str) -> datetime:
    """Read ISO 8601, or year, month and day with slashes, dots or 年月日, the year perhaps of an era. Raises ValueError."""
    era = _ERA.fullmatch(text)
    if era is not None:
        year = _ERAS[era["era"].upper()] + (1 if era["year"] == "元" else int(era["year"]))
        text = f"{year}/{era['rest'].replace('-', '/', 1)}"
    slashed = _SLASHED.fullmatch(text)
    if slashed is None:
        return datetime.fromisoformat(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in slashed.groups())
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone is the mapping's


def moment(at_us: int) -> datetime:
    """Return the instant of microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=at_us)
