"""A family or group as its members see it: who is in it, who may spend, and how many points they have together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kizuna import ledger, members
from kizuna.intake import Pool
from kizuna.runtime.db import Connection
from kizuna.web.reads import Reader, uuid_text


@dataclass(frozen=True, slots=True)
class SharerView:
    """One person of a family or group; `name` is empty where none is registered."""

    id: str
    name: str
    is_me: bool
    is_head: bool
    may_spend: bool
    joined_on: date


@dataclass(frozen=True, slots=True)
class FamilyView:
    """A family or group, longest-standing member first. `kind`: "household" | "organisation".

    `balance` is what those who may spend can spend together now; `most` how many people there may be, None where the program has
    no pools any more.
    """

    id: str
    name: str
    kind: str
    balance: int
    most: int | None
    people: Sequence[SharerView]

    @property
    def me(self) -> SharerView:
        """Who looks at it."""
        return next(one for one in self.people if one.is_me)

    @property
    def others(self) -> Sequence[tuple[str, str]]:
        """Everybody else, by id and name."""
        return [(one.id, one.name) for one in self.people if not one.is_me]

    @property
    def heir(self) -> SharerView | None:
        """Who follows its head."""
        return next((one for one in self.people if not one.is_head), None)

    @property
    def has_room(self) -> bool:
        """Whether somebody else may join."""
        return self.most is not None and len(self.people) < self.most

    def person(self, id_: str) -> SharerView | None:
        """Return somebody else of it by id."""
        return next((one for one in self.people if one.id == id_ and not one.is_me), None)


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation as its maker hands it on; `link` is a whole address."""

    code: str
    link: str
    ends_on: date


@dataclass(frozen=True, slots=True)
class InviteeView:
    """Where an invitation leads, as who was invited sees it: `head` is a masked name."""

    name: str
    kind: str
    head: str
    people: int
    token: str


async def family_view(conn: Connection, reader: Reader, pool: Pool, me: bytes) -> FamilyView:
    """Return a pool as one of its members sees it."""
    ids = list(pool.members)
    accounts = await ledger.accounts(conn, ids)
    names = {one.id: one.name for one in await members.found(conn, ids)}
    balance = sum(
        max(0, reader.pocket(account, reader.whole(account).standing.last_order).balance)
        for account in accounts.values()
    )
    zone = reader.brand.zone
    people = [
        SharerView(
            uuid_text(one), names.get(one) or "", one == me, place.is_head, place.may_spend,
            place.joined_at.astimezone(zone).date(),
        )
        for one, place in pool.members.items()
    ]  # fmt: skip
    terms = reader.plan.program.pools
    most = None if terms is None else terms.members_max
    return FamilyView(uuid_text(pool.id), pool.name, pool.kind, balance, most, people)
