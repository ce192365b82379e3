"""Points given to another member, before they go: what was typed, who it means, which points would leave. No points move here."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from kizuna import ledger, members
from kizuna.core.errors import N_, Kind, Problem
from kizuna.core.ids import parse_member_id
from kizuna.members import Identity, SubjectInvalid, parse_subject
from kizuna.runtime import tokens
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection
from kizuna.web import inputs
from kizuna.web.masked import masked
from kizuna.web.offer import GivingView
from kizuna.web.views import LotView, MemberView

GIFT = "gift"
"""The purpose of a token that carries a gift from one page to the next."""
GUESS = "receiver"
NOTE_LENGTH_MAX = 100
_POINTS_MAX = 1_000_000_000


class ReceiverUnknown(Problem):
    """Nobody to whom points can be given has this number or address: no such member, a closed one, or the giver."""

    code = "receiver_unknown"
    kind = Kind.INVALID
    title = N_("Points cannot be given to this number or address.")
    remedy = N_(
        "Ask the other person for the number on their card, or for the phone number or e-mail address that the shop knows."
    )


class BalanceTooSmall(Problem):
    """Fewer points than were to be given."""

    code = "gift_balance_too_small"
    kind = Kind.CONFLICT
    title = N_("You can give at most {available:,} points now.")
    remedy = N_("Choose fewer points. Points that are for certain stores only cannot be given.")


@dataclass(frozen=True, slots=True)
class GiftDraft:
    """What was typed, as it was typed. `faults` say by field what is wrong with it."""

    to: str = ""
    points: str = ""
    note: str = ""
    faults: tuple[Problem, ...] = ()

    def fault(self, field: str) -> Problem | None:
        """Return what is wrong with a field."""
        return next((fault for fault in self.faults if fault.field == field), None)


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift that may go: to whom (`name` is masked, or whole within a family), how many points, with which words.

    `once` is the form's own: however often it is sent, the points go once.
    """

    to: str
    name: str
    points: int
    note: str
    once: str

    def signed(self, secret: str, giver: bytes, expires_at: datetime) -> str:
        """Return the token that carries it."""
        facts = {"to": self.to, "name": self.name, "points": str(self.points), "note": self.note, "once": self.once}
        return tokens.sign(secret, GIFT, facts | {"giver": giver.hex()}, expires_at)

    @classmethod
    def read(cls, secret: str, giver: bytes, token: str, at: datetime) -> "Gift | None":
        """Return what a token of this giver carries, None when it is forged, another's, or over."""
        facts = tokens.read(secret, GIFT, token, at)
        if facts is None or facts["giver"] != giver.hex():
            return None
        return cls(facts["to"], facts["name"], int(facts["points"]), facts["note"], facts["once"])


def givable(member: MemberView) -> int:
    """Return how many points a member can give: those that may be used everywhere, less what is owed."""
    free = sum(lot.points for lot in member.lots if lot.purpose is None)
    return max(0, min(free, sum(lot.points for lot in member.lots) - member.debt))


def leaving(member: MemberView, points: int) -> Sequence[LotView]:
    """Return the points that would leave, by the day through which they can be used: those that end first."""
    lots = []
    for lot in member.lots:
        if points and lot.purpose is None:
            part = min(points, lot.points)
            points -= part
            lots.append(LotView(part, lot.expires_on, when_idle=lot.when_idle))
    return lots


def read_points(text: str, terms: GivingView, available: int) -> int:
    """Return how many points are to be given. Raises what `inputs.whole` raises, `BalanceTooSmall`."""
    points = inputs.whole(text, "points", least=terms.minimum, most=terms.maximum or _POINTS_MAX)
    if points > available:
        raise BalanceTooSmall(field="points", available=available)
    return points


async def receiver(conn: Connection, brand: Brand, giver: bytes, text: str, at: datetime) -> tuple[bytes, str]:
    """Return whom a card number, a phone number or an address means, and their masked name.

    Raises `Required`, `ReceiverUnknown`, `GuessesTooMany`: every try counts, whether it finds somebody or not.
    """
    named = inputs.line(text, "to", required=True)
    await members.count_guess(conn, giver, GUESS, at)
    asked = _identities(inputs.narrow(named), brand.country)
    found = await members.resolve(conn, asked)
    member = next((found[one] for one in asked if one in found), None)
    if member is None or member == giver:
        raise ReceiverUnknown(field="to")
    if (await ledger.accounts(conn, [member]))[member].status != ledger.AccountStatus.OPEN:
        raise ReceiverUnknown(field="to")
    profile = (await members.get(conn, member)).profile
    return member, masked(profile.name, profile.name_kana)


def chosen(text: str, others: Sequence[tuple[str, str]]) -> tuple[bytes, str]:
    """Return which of `others` (id and name) was chosen. Raises `Required`, `ReceiverUnknown`."""
    named = inputs.line(text, "to", required=True)
    member = parse_member_id(named)
    for id_, name in others:
        if id_ == named and member is not None:
            return member, name
    raise ReceiverUnknown(field="to")


def _identities(text: str, country: str) -> list[Identity]:
    """Return what a number or an address may be, the likelier first."""
    kinds = ("email",) if "@" in text else ("phone", "card") if text.startswith(("0", "+")) else ("card", "phone")
    read = []
    for kind in kinds:
        with suppress(SubjectInvalid):
            read.append(parse_subject(f"{kind}:{text}", country))
    return read
