"""Members, one function per use case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kizuna.core.errors import NotFound
from kizuna.core.ids import card_number, member_id
from kizuna.members import list_store, store
from kizuna.members.model import NOTHING_TOLD, Identity, Profile, SelfTold
from kizuna.runtime.db import Connection, Fragment

_CARDS_TRIED = 4


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Someone whom an event enrols: id, the identity that the event named, the day, and by which `others` they are known too."""

    member: bytes
    identity: Identity
    joined_on: date
    told: SelfTold = NOTHING_TOLD
    others: Sequence[Identity] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A member as known here."""

    id: bytes
    profile: Profile
    joined_on: date
    identities: Sequence[Identity]

    @property
    def card_number(self) -> str | None:
        """The number on the card."""
        return next((identity.value for identity in self.identities if identity.kind == "card"), None)

    def since(self, identity: Identity) -> date | None:
        """Return since when the member is known by `identity`: the day of joining for what came with it, else None (not kept).

        A member's id is made from the identity that enrolled it, and the card that comes with it from the id.
        """
        if identity.kind == "card" and identity.value in (
            card_number(self.id, attempt) for attempt in range(_CARDS_TRIED)
        ):
            return self.joined_on
        came_with = member_id(int.from_bytes(self.id[:6], "big"), *identity) == self.id
        return self.joined_on if came_with else None


@dataclass(frozen=True, slots=True)
class Found:
    """One line of a list."""

    id: bytes
    name: str | None
    name_kana: str | None
    card_number: str | None
    joined_on: date


async def resolve(conn: Connection, identities: Sequence[Identity]) -> dict[Identity, bytes]:
    """Return whom each identity names. Kind `member` names itself; whether that member exists, its account tells."""
    asked = [identity for identity in identities if identity.kind != "member"]
    named = {identity: bytes.fromhex(identity.value) for identity in identities if identity.kind == "member"}
    return named | (await store.find(conn, asked) if asked else {})


def enrolment(newcomers: Sequence[Newcomer], attempt: int) -> list[Fragment]:
    """Return the fragments that enrol `newcomers`: each with the identities that name it and with a card.

    A card number that is taken fails the commit; the next `attempt` proposes another.
    """
    identities: list[tuple[Identity, bytes]] = []
    for one in newcomers:
        named = (one.identity, *one.others)
        identities += [(identity, one.member) for identity in named]
        if all(identity.kind != "card" for identity in named):
            identities.append((Identity("card", card_number(one.member, attempt)), one.member))
    return store.enrolment(
        [one.member for one in newcomers],
        [one.joined_on for one in newcomers],
        [one.told for one in newcomers],
        identities,
    )


async def get(conn: Connection, member: bytes) -> Member:
    """Return a member. Raises `NotFound`."""
    found = await store.get(conn, member)
    if found is None:
        raise NotFound(what="member", key=str(UUID(bytes=member)))
    row, identities = found
    profile = Profile(
        row["name"],
        row["name_kana"],
        row["name_is_generated"],
        row["language"],
        row["birthday"],
        row["referrer"].bytes if row["referrer"] else None,
    )
    return Member(member, profile, row["joined_on"], identities)


async def found(conn: Connection, members: Sequence[bytes]) -> list[Found]:
    """Return what a list shows of `members`, in their order; whoever is not there is left out."""
    rows, cards = await store.profiles(conn, members), await store.cards(conn, members)
    return [
        Found(member, row["name"], row["name_kana"], cards.get(member), row["joined_on"])
        for member in members
        if (row := rows.get(member)) is not None
    ]


async def last_orders(conn: Connection, members: Sequence[bytes]) -> dict[bytes, date | None]:
    """Return the day of each member's last order, as the figures have it; whom they do not follow yet is left out."""
    rows = await list_store.last_orders(conn, members)
    return {row["member_id"].bytes: row["last_order_on"] for row in rows}
