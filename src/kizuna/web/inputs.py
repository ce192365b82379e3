"""What people type into forms, as Japanese and English keyboards write it: read exactly, or refused with the field's name.

Full-width digits and signs are the same as half-width ones everywhere. Every refusal is a `Problem` that carries the field
at fault, what was typed, and how to write it. Pure: no clock, no locale of the machine.
"""

import re
import unicodedata
from datetime import date
from urllib.parse import urlsplit

from kizuna.core.errors import N_, Kind, Problem

SHORT_MAX = 200


class Required(Problem):
    """A field that cannot be empty."""

    code = "input_required"
    kind = Kind.INVALID
    title = N_("This is still empty.")
    remedy = N_("Fill it in.")


class TooLong(Problem):
    """More text than there is room for."""

    code = "input_too_long"
    kind = Kind.INVALID
    title = N_("This has {characters:,} characters; there is room for {characters_max:,}.")
    remedy = N_("Shorten it.")


class NoNumber(Problem):
    """Not a whole number."""

    code = "input_no_number"
    kind = Kind.INVALID
    title = N_("“{value}” is not a whole number.")
    remedy = N_("Write digits, such as 100 or 1,000; full-width digits are fine.")


class NoAmount(Problem):
    """Not an amount of money."""

    code = "input_no_amount"
    kind = Kind.INVALID
    title = N_("“{value}” is not an amount.")
    remedy = N_("Write it as {example}; full-width digits and separators are fine.")


class OutOfRange(Problem):
    """A number that is too small or too large."""

    code = "input_out_of_range"
    kind = Kind.INVALID
    title = N_("{value} is not between {least} and {most}.")
    remedy = N_("Choose a number in between.")


class NoDay(Problem):
    """Not a day of the calendar."""

    code = "input_no_day"
    kind = Kind.INVALID
    title = N_("“{value}” is not a day of the calendar.")
    remedy = N_("Write it as 2026-11-21, 2026/11/21, 令和8年11月21日 or R8.11.21.")


class NoPostalCode(Problem):
    """Not a Japanese postal code."""

    code = "input_no_postal_code"
    kind = Kind.INVALID
    title = N_("“{value}” is not a postal code.")
    remedy = N_("Write seven digits, such as 150-0001.")


class NoKana(Problem):
    """A reading with other characters than kana."""

    code = "input_no_kana"
    kind = Kind.INVALID
    title = N_("“{value}” is not a reading in kana.")
    remedy = N_("Write it in hiragana or katakana, full or half width.")


class NoColour(Problem):
    """Not a colour."""

    code = "input_no_colour"
    kind = Kind.INVALID
    title = N_("“{value}” is not a colour.")
    remedy = N_("Write # and six digits or letters from a to f, such as #1c4c7d.")


class NoAddress(Problem):
    """Neither a web address nor an e-mail address."""

    code = "input_no_address"
    kind = Kind.INVALID
    title = N_("“{value}” is not an address that a member can open.")
    remedy = N_("Write a web address that begins with https://, or an e-mail address.")


def narrow(text: str) -> str:
    """Return `text` with digits, letters and signs in their half-width form, without blanks around it."""
    folded = unicodedata.normalize("NFKC", text).strip()
    return re.sub(r"[‐‑‒–—―−ー]", "-", folded) if re.search(r"[0-9]", folded) else folded


def line(text: str, field: str, *, most: int = SHORT_MAX, required: bool = False) -> str:
    """Return one line of text, blanks within it single. Raises `Required`, `TooLong`."""
    read = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if required and not read:
        raise Required(field=field)
    if len(read) > most:
        raise TooLong(field=field, characters=len(read), characters_max=most)
    return read


def place(text: str) -> int | None:
    """Return the small number that a hidden field or a button holds (at most six digits), None where it holds none."""
    return int(text) if len(text) <= 6 and text.isascii() and text.isdecimal() else None


def whole(text: str, field: str, *, least: int, most: int) -> int:
    """Return a whole number: 1,000, １０００, 1 000, 1千 is not one. Raises `Required`, `NoNumber`, `OutOfRange`."""
    read = narrow(text)
    if not read:
        raise Required(field=field)
    found = _grouped(read)
    if found is None:
        raise NoNumber(field=field, value=_shown(text))
    if not least <= found <= most:
        raise OutOfRange(field=field, value=f"{found:,}", least=f"{least:,}", most=f"{most:,}")
    return found


def amount(text: str, field: str, *, digits: int, least: int, most: int) -> int:
    """Return money in minor units: ¥4,980, ４９８０円, 49.80 for a currency with 2 digits.

    Raises `Required`, `NoAmount`, `OutOfRange`.
    """
    read = re.sub(r"^(?:[¥\\$€£]|[A-Z]{3})\s*|\s*(?:円|[A-Z]{3})$", "", narrow(text))
    if not narrow(text):
        raise Required(field=field)
    head, dot, tail = read.partition(".")
    found = _grouped(head or "0")
    if not read or found is None or (dot and not re.fullmatch(rf"[0-9]{{1,{digits}}}" if digits else r"0+", tail)):
        raise NoAmount(field=field, value=_shown(text), example="4,980" if not digits else f"49.{'8':0<{digits}}")
    minor: int = found * 10**digits + (int(tail.ljust(digits, "0")) if digits and tail else 0)
    if not least <= minor <= most:
        raise OutOfRange(
            field=field, value=_major(minor, digits), least=_major(least, digits), most=_major(most, digits)
        )
    return minor


def _grouped(text: str) -> int | None:
    """Return the digits of `text`; separators stand where thousands do, blanks likewise."""
    if re.fullmatch(r"[0-9]{1,15}", text) or re.fullmatch(r"[0-9]{1,3}(?:[,、 ][0-9]{3}){1,4}", text):
        return int(re.sub(r"[,、 ]", "", text))
    return None


def _major(minor: int, digits: int) -> str:
    whole_part, rest = divmod(minor, 10**digits)
    return f"{whole_part:,}" + (f".{rest:0{digits}}" if digits else "")


# Days

_ERAS = (  # initial, characters, sign, the calendar year of the first year, the first day
    ("R", "令和", "令", 2019, date(2019, 5, 1)),
    ("H", "平成", "平", 1989, date(1989, 1, 8)),
    ("S", "昭和", "昭", 1926, date(1926, 12, 25)),
    ("T", "大正", "大", 1912, date(1912, 7, 30)),
    ("M", "明治", "明", 1868, date(1873, 1, 1)),  # Japan's calendar is the Gregorian one from this day on
)
_DAY = re.compile(
    r"(?P<era>令和|平成|昭和|大正|明治|[令平昭大明]|[RHSTMrhstm])?\.?\s*(?P<year>[0-9]{1,4}|元)\s*(?:年|[-/.])\s*"
    r"(?P<month>[0-9]{1,2})\s*(?:月|[-/.])\s*(?P<day>[0-9]{1,2})\s*日?"
)


def day(text: str, field: str) -> date:
    """Return a day: 2026-11-21, 2026/11/21, 20261121, 2026年11月21日, 令和8年11月21日, R8.11.21. Raises `Required`, `NoDay`.

    A year of an era may lie beyond its end, as on papers that were printed before it; never before its beginning.
    """
    read = re.sub(r"\s*[(（][月火水木金土日][)）]$", "", narrow(text))
    if not read:
        raise Required(field=field)
    try:
        return _day(read)
    except ValueError as fault:
        raise NoDay(field=field, value=_shown(text)) from fault


def _day(text: str) -> date:
    """Return the day that `text` writes. Raises ValueError."""
    plain = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", text)
    if plain:
        return date(int(plain[1]), int(plain[2]), int(plain[3]))
    match = _DAY.fullmatch(text)
    if match is None or (match["era"] is None and not re.fullmatch("[0-9]{4}", match["year"])):
        raise ValueError(text)
    year, month, of_month = (1 if part == "元" else int(part) for part in match.group("year", "month", "day"))
    if match["era"] is None:
        return date(year, month, of_month)
    first_year, begins = next((first, on) for *names, first, on in _ERAS if match["era"].upper() in names)
    found = date(first_year + year - 1, month, of_month)
    if year < 1 or found < begins:
        raise ValueError(text)
    return found


# Japanese fields


def postal_code(text: str, field: str) -> str:
    """Return a postal code as 150-0001: 〒150-0001, １５００００１ and 150 0001 are the same. Raises `Required`, `NoPostalCode`."""
    read = narrow(text).removeprefix("〒").strip()
    if not read:
        raise Required(field=field)
    match = re.fullmatch(r"([0-9]{3})[- ]?([0-9]{4})", read)
    if match is None:
        raise NoPostalCode(field=field, value=_shown(text))
    return f"{match[1]}-{match[2]}"


_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_TO_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}


def katakana(text: str, field: str) -> str:
    """Return a reading in full-width katakana: ﾔﾏﾀﾞ ﾊﾅｺ, やまだ はなこ → ヤマダ ハナコ. Raises `NoKana`, `TooLong`."""
    read = line(unicodedata.normalize("NFKC", text), field).translate(_TO_KATAKANA)
    if not re.fullmatch(r"[ァ-ヺーヽヾ・=＝ ]*", read):
        raise NoKana(field=field, value=_shown(text))
    return read


def hiragana(text: str, field: str) -> str:
    """Return a reading in hiragana; what has no hiragana (ヷ, ヺ) stays. Raises `NoKana`, `TooLong`."""
    return katakana(text, field).translate(_TO_HIRAGANA)


# Looks


def colour(text: str, field: str) -> str | None:
    """Return a colour as #rrggbb in small letters: ＃1C4C7D, 1c4c7d, #abc; None where nothing is typed. Raises `NoColour`."""
    read = narrow(text).removeprefix("#").lower()
    if not read:
        return None
    if re.fullmatch(r"[0-9a-f]{3}", read):
        read = "".join(char * 2 for char in read)
    if not re.fullmatch(r"[0-9a-f]{6}", read):
        raise NoColour(field=field, value=_shown(text))
    return f"#{read}"


def address(text: str, field: str, *, mail: bool = False) -> str:
    """Return a web address, or with `mail` an e-mail address as well; "" where nothing is typed. Raises `NoAddress`, `TooLong`."""
    read = line(unicodedata.normalize("NFKC", text), field)
    if not read:
        return ""
    if mail and re.fullmatch(r"[^@\s:/]+@[^@\s/]+\.[^@\s./]+", read):
        return read
    try:
        parts = urlsplit(read)
        is_web = (
            parts.scheme in {"http", "https"}
            and "." in (parts.hostname or "")
            and parts.username is None
            and parts.port != 0
        )
    except ValueError:
        is_web = False
    if not is_web or " " in read:
        raise NoAddress(field=field, value=_shown(text))
    return read


def _shown(text: str) -> str:
    """Return what was typed, short enough for a sentence."""
    return text.strip() if len(text.strip()) <= 40 else f"{text.strip()[:40]}…"
