"""Reading what somebody types to find a member: always a few ranges of sorted keys, never a pattern.

Pure. What is typed is brought to the form in which names are indexed (`fold` here, `folded()` in the database: the same
function twice, held together by a test), and into ranges `lo <= key < hi` that hold exactly what begins with it. A number is
also looked for from its end: the last digits of a phone or a card. Wildcards do not exist, so none has to be escaped.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

import phonenumbers

from kizuna.core.ids import parse_member_id
from kizuna.members.model import KINDS, Identity, SubjectInvalid, parse_subject

QUERY_CHARACTERS_MAX: Final = 200
FOLDED_CHARACTERS_MAX: Final = 64
NUMBER_SIGNS: Final = " -+()./\u00b7\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fb\u30fc"
"""What people put between digits; the last is the long-vowel mark, which a Japanese keyboard types for a hyphen."""

_SQUEEZED: Final = " -\u00b7\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fb"
_KATAKANA: Final = (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)
_CAPITALS: Final = tuple(code for code in range(0xC0, 0xDF) if code != 0xD7)
_FOLDED: Final = (
    {code: code - 0x60 for code in _KATAKANA}
    | {code: code + 0x20 for code in (*_CAPITALS, *range(ord("A"), ord("Z") + 1))}
    | {ord(sign): None for sign in _SQUEEZED}
)
_SMALL: Final = {code: code + 0x20 for code in range(ord("A"), ord("Z") + 1)}
_SURROGATES: Final = (0xD800, 0xDFFF)


class Range(NamedTuple):
    """The keys from `lo` up to before `hi`; none when both are empty."""

    lo: str
    hi: str


NOTHING: Final = Range("", "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed, as the index is asked: by name, by an identity's beginning, by a number's end, and exactly."""

    names: Range
    begins: tuple[Range, ...]
    ends: Range
    exact: tuple[Identity, ...]


def fold(words: str) -> str:
    """Return a name as it is compared; the same as `folded()` in the database."""
    return unicodedata.normalize("NFKC", words).translate(_FOLDED)[:FOLDED_CHARACTERS_MAX]


def beginning_with(text: str) -> Range:
    """Return the range of all keys that begin with `text`, in the order of code points; nothing for no text."""
    for place in range(len(text) - 1, -1, -1):
        following = ord(text[place]) + 1
        if following == _SURROGATES[0]:
            following = _SURROGATES[1] + 1
        if following <= 0x10FFFF:
            return Range(text, text[:place] + chr(following))
    return NOTHING


def cleaned(query: str) -> str:
    """Return what was typed without what no index holds; "" asks for everybody."""
    kept = query[:QUERY_CHARACTERS_MAX].replace("\x00", "").encode(errors="ignore").decode()
    return unicodedata.normalize("NFKC", kept).strip()


def read(query: str, country: str) -> Wanted:
    """Read a query that `cleaned` gave. Phone numbers without a prefix are `country`'s."""
    small = query.translate(_SMALL)
    digits = "".join(sign for sign in query if sign not in NUMBER_SIGNS)
    begins, ends, exact = [small], "", [*_named(query, country)]
    if digits.isascii() and digits.isdecimal():
        ends = digits[::-1]
        begins += [digits, _international(query, digits, country)]
        exact += [Identity(kind, value) for kind in ("phone", "card", "customer") for value in dict.fromkeys(begins)]
    else:
        exact += [Identity("email", query.lower()), Identity("customer", query), Identity("line", query)]
    return Wanted(
        beginning_with(fold(query)),
        tuple(beginning_with(text) for text in dict.fromkeys(begins)),
        beginning_with(ends),
        tuple(dict.fromkeys(exact)),
    )


def _named(query: str, country: str) -> list[Identity]:
    """Return the member that a whole id or `kind:value` names."""
    member = parse_member_id(query)
    if member is not None:
        return [Identity("member", member.hex())]
    if query.partition(":")[0] not in KINDS:
        return []
    try:
        return [parse_subject(query, country)]
    except SubjectInvalid:
        return []


def _international(query: str, digits: str, country: str) -> str:
    """Return the digits as phones are kept: with the country's prefix, without the 0 that is dialled at home."""
    if query.startswith("+"):
        return f"+{digits}"
    home = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True)
    return f"+{phonenumbers.country_code_for_region(country)}{digits.removeprefix(home or '')}"
