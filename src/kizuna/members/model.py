"""Who: a member has one id and any number of identities; an identity belongs to one member.

An identity is written `kind:value`, such as `email:hanako@example.com` or `card:9000000000000001`. Its value is brought to
one form before it is compared or kept, so that two spellings of one address are one identity.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from kizuna.core.errors import N_, Kind, Problem
from kizuna.core.ids import parse_member_id

KINDS = ("member", "email", "phone", "card", "customer", "line")
VALUE_LENGTH_MAX = 200


class Identity(NamedTuple):
    """One name that a member is known by, in its one form. Kind `member` is the member's own id."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class SubjectInvalid(Problem):
    """A subject does not name a member in a form that we know; a subclass says which form is wanted."""

    code = "subject_invalid"
    kind = Kind.INVALID
    title = N_("“{subject}” does not name a member.")
    remedy = N_("Write one of {known}.")

    def __init__(self, subject: str, **facts: object) -> None:
        super().__init__(field="subject", subject=subject[:VALUE_LENGTH_MAX], **facts)


class ValueInvalid(SubjectInvalid):
    """Nothing, or too much, or what no keyboard types, stands after the colon."""

    remedy = N_("After “{kind}:” put 1 to {length_max} printable characters.")


class EmailInvalid(SubjectInvalid):
    """Not an e-mail address."""

    remedy = N_("Write an address such as email:hanako@example.com.")


class PhoneInvalid(SubjectInvalid):
    """Not a telephone number."""

    remedy = N_("Write a number such as phone:+81312345678.")


class CardInvalid(SubjectInvalid):
    """Not a card number."""

    remedy = N_("Write a number such as card:9000000000000001.")


class MemberIdInvalid(SubjectInvalid):
    """Not a member's id."""

    remedy = N_("Write the member’s id as the API gave it.")


class UnknownMember(Problem):
    """Nobody has this identity, and nobody is enrolled by this event."""

    code = "unknown_member"
    kind = Kind.INVALID
    title = N_("No member has the identity {subject}.")
    remedy = N_("Enrol the member first, or correct the identity; then send the event again.")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known about a member beyond identities."""

    name: str | None = None
    name_kana: str | None = None
    name_is_generated: bool = False
    language: str | None = None
    birthday: date | None = None
    referrer: bytes | None = None
    """Who brought the member."""


class SelfTold(NamedTuple):
    """What a member told of themselves; what is None was not told."""

    name: str | None = None
    name_kana: str | None = None
    language: str | None = None
    birthday: date | None = None
    referrer: bytes | None = None

    def then(self, later: "SelfTold") -> "SelfTold":
        """Return what both come to. Who brought a member is told once."""
        told = SelfTold._make(new if new is not None else old for old, new in zip(self, later, strict=True))
        return told._replace(referrer=self.referrer or later.referrer)


NOTHING_TOLD = SelfTold()


@lru_cache(maxsize=8192)
def parse_subject(subject: str, country: str) -> Identity:
    """Read `kind:value` and bring it to its one form. Phone numbers without a prefix are `country`'s. Raises `SubjectInvalid`."""
    kind, colon, value = subject.partition(":")
    value = unicodedata.normalize("NFKC", value).strip()
    if not colon or kind not in KINDS:
        raise SubjectInvalid(subject, known=", ".join(f"{name}:…" for name in KINDS))
    if not value or len(value) > VALUE_LENGTH_MAX or not value.isprintable():
        raise ValueInvalid(subject, kind=kind, length_max=VALUE_LENGTH_MAX)
    return Identity(kind, _FORMS.get(kind, _as_it_is)(value, subject, country))


def _as_it_is(value: str, _subject: str, _country: str) -> str:
    return value


def _email(value: str, subject: str, _country: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at or not local or "." not in domain or " " in value:
        raise EmailInvalid(subject)
    return value.lower()


def _phone(value: str, subject: str, country: str) -> str:
    try:
        number = phonenumbers.parse(value, country)
    except phonenumbers.NumberParseException as fault:
        raise PhoneInvalid(subject) from fault
    if not phonenumbers.is_possible_number(number):
        raise PhoneInvalid(subject)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _card(value: str, subject: str, _country: str) -> str:
    number = value.replace(" ", "").replace("-", "")
    if not number:
        raise CardInvalid(subject)
    return number


def _member(value: str, subject: str, _country: str) -> str:
    raw = parse_member_id(value)
    if raw is None:
        raise MemberIdInvalid(subject)
    return raw.hex()


_FORMS = {"email": _email, "phone": _phone, "card": _card, "member": _member}
