"""Every error is named, typed data: a stable code, the field at fault, and what to do next.

A `Problem` reads the same everywhere: the API renders it as RFC 9457 problem details, the console as a sentence, a test
compares its code. `title` and `remedy` are English message ids that the faces translate; the facts fill both.
"""

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What the caller can do about it; the API maps each kind to one HTTP status."""

    MALFORMED = "malformed"
    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark `message` for translation without translating it here."""
    return message


class Problem(Exception):  # noqa: N818 - the field's term (RFC 9457) is "problem"
    """The base of every error that a caller may meet. `field` is a path such as `data.amount`; `facts` fill the words."""

    code: ClassVar[str]
    kind: ClassVar[Kind]
    title: ClassVar[str]
    remedy: ClassVar[str]

    def __init__(self, *, field: str | None = None, **facts: object) -> None:
        self.field = field
        self.facts = facts
        super().__init__(field, facts)

    def __str__(self) -> str:
        place = f"{self.field}: " if self.field else ""
        return f"{place}{self.title.format(**self.facts)} {self.remedy.format(**self.facts)}".strip()


class NotFound(Problem):
    """What was asked for does not exist for this brand."""

    code = "not_found"
    kind = Kind.NOT_FOUND
    title = N_("There is no {what} “{key}”.")
    remedy = N_("Check the address, or search for it by another name.")


class CursorInvalid(Problem):
    """A cursor that we did not give, or gave for another list."""

    code = "cursor_invalid"
    kind = Kind.INVALID
    title = N_("The cursor “{cursor}” is not one of ours.")
    remedy = N_("Use a cursor that a page of this list gave, or leave it out to begin anew.")


class Unavailable(Problem):
    """The database cannot be reached. Nothing was acknowledged that is not durable; the caller may repeat the call."""

    code = "unavailable"
    kind = Kind.UNAVAILABLE
    title = N_("The service cannot reach its database at the moment.")
    remedy = N_("Nothing was recorded. Send the same request again in {retry_after_s} seconds.")

    def __init__(self, *, retry_after_s: int = 2) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s=retry_after_s)


class SettingInvalid(Problem):
    """A setting in the environment cannot be used."""

    code = "setting_invalid"
    kind = Kind.INVALID
    title = N_("The setting {name} cannot be used: {reason}.")
    remedy = N_("Correct it in the environment; docs/settings.md lists every setting.")
