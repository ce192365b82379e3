"""Who: a member has one id and any number of identities; an identity belongs to one member.

An identity is written `kind:value`, such as `email:hanako@example.com` or `card:9000000000000001`. Its value is brought to
one form before it is compared or kept, so that two spellings of one address are one identity.
"""

import unicodedata
from dataclasses import dataclass
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
    """A subject does not name a member in a form that we know."""

    code = "subject_invalid"
    kind = Kind.INVALID
    title = N_("“{subject}” does not name a member.")
    remedy = N_("{hint}")


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


@lru_cache(maxsize=8192)
def parse_subject(subject: str, country: str) -> Identity:
    """Read `kind:value` and bring it to its one form. Phone numbers without a prefix are `country`'s. Raises `SubjectInvalid`."""
    kind, colon, value = subject.partition(":")
    value = unicodedata.normalize("NFKC", value).strip()
    if not colon or kind not in KINDS:
        known = ", ".join(f"{name}:…" for name in KINDS)
        raise SubjectInvalid(field="subject", subject=subject[:VALUE_LENGTH_MAX], hint=f"Write one of {known}")
    if not value or len(value) > VALUE_LENGTH_MAX or not value.isprintable():
        hint = f"After “{kind}:” put 1 to {VALUE_LENGTH_MAX} printable characters."
        raise SubjectInvalid(field="subject", subject=subject[:VALUE_LENGTH_MAX], hint=hint)
    return Identity(kind, _one_form(kind, value, subject, country))


def _one_form(kind: str, value: str, subject: str, country: str) -> str:
    if kind == "email":
        local, at, domain = value.rpartition("@")
        if not at or not local or "." not in domain or " " in value:
            raise SubjectInvalid(
                field="subject", subject=subject, hint="Write an address such as email:hanako@example.com"
            )
        return value.lower()
    if kind == "phone":
        try:
            number = phonenumbers.parse(value, country)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise SubjectInvalid(field="subject", subject=subject, hint="Write a number such as phone:+81312345678")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if kind == "card":
        digits = value.replace(" ", "").replace("-", "")
        if not digits:
            raise SubjectInvalid(field="subject", subject=subject, hint="Write a number such as card:9000000000000001")
        return digits
    if kind == "member":
        raw = parse_member_id(value)
        if raw is None:
            raise SubjectInvalid(field="subject", subject=subject, hint="Write the member’s id as the API gave it.")
        return raw.hex()
    return value
