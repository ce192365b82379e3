"""Invitations into a family or group, as people hand them on: a code to be typed, and a signed link that carries it.

Always true: a code is made from the secret and from the form or key that asked for it, so that asking twice makes one invitation; what the
database keeps is its hash. A link is over when its invitation is.
"""

import unicodedata
from datetime import datetime
from typing import NamedTuple

from kizuna.core.ids import digest
from kizuna.runtime import tokens

INVITATION = "pool-invitation"
"""The purpose of a link that carries a code."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that reads like a digit (https://www.crockford.com/base32.html)."""
_LENGTH = 10
_MISREAD = str.maketrans("OIL", "011")


class Invited(NamedTuple):
    """What a link carries."""

    brand: str
    code: str


def new_code(secret: str, *cause: str) -> str:
    """Return the code of what asks for it: fifty bits that nobody without the secret can make."""
    bits = int.from_bytes(digest(tokens.mark(secret, INVITATION, "/".join(cause))), "big")
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(_LENGTH))


def read_code(text: str) -> str:
    """Return a code as it was typed, in its one form; what cannot be one comes back as no code has it."""
    folded = unicodedata.normalize("NFKC", text).upper().translate(_MISREAD)
    return "".join(char for char in folded if char in _ALPHABET)


def grouped(code: str) -> str:
    """Return a code as one reads it aloud."""
    return f"{code[:5]}-{code[5:]}"


def code_hash(code: str) -> str:
    """Return what the database knows a code by."""
    return digest(INVITATION, code).hex()


def sign_link(secret: str, invited: Invited, expires_at: datetime) -> str:
    """Return the token of a link."""
    return tokens.sign(secret, INVITATION, invited._asdict(), expires_at)


def read_link(secret: str, token: str, at: datetime) -> Invited | None:
    """Return what a link carries, None when it is forged or over."""
    facts = tokens.read(secret, INVITATION, token, at)
    return None if facts is None else Invited(**facts)
