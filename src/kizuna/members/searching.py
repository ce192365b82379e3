"""Finding a member: the parts of an answer one after the other, until a page is full."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kizuna.core.errors import CursorInvalid
from kizuna.members import cursor, search_store, store
from kizuna.members.cursor import FIRST_ID, Place, Rows
from kizuna.members.finding import Wanted, cleaned, read
from kizuna.runtime.db import Connection

COUNTED_MAX = 1000
"""Up to here matches are counted; beyond, "more than" is enough for anybody, and counting would cost more than finding."""

_NAME = "search"
_EXACT = -1
_PARTS = range(len(search_store.PARTS))


@dataclass(frozen=True, slots=True)
class Total:
    """How many there are; with `is_more`, more than `n`."""

    n: int
    is_more: bool


async def first_found(conn: Connection, query: str, country: str, *, limit: int) -> list[bytes]:
    """Return the first members whom `query` finds, uncounted; see `search`."""
    wanted = read(cleaned(query), country)
    await search_store.by_key(conn)
    names = await search_store.named(conn, wanted.names)
    return [member for _, member in await _Search(wanted, await _exact(conn, wanted), names).walk(conn, None, limit)]


async def search(
    conn: Connection, query: str, country: str, *, after: str | None = None, limit: int
) -> tuple[Rows[bytes], Total]:
    """Return one page of the members whom `query` finds, the most exact first, and how many there are.

    Found are: a member's id, `kind:value`, a whole identity; beginnings of names and kana and of their second parts; the last
    digits of phones and cards; beginnings of identities. Every member is named once. Raises `CursorInvalid`.
    """
    wanted = read(cleaned(query), country)
    await search_store.by_key(conn)
    exact = await _exact(conn, wanted)
    names = await search_store.named(conn, wanted.names)
    place = None if after is None else cursor.read(_NAME, after, str)
    if place is not None and place.part not in (_EXACT, *_PARTS):
        raise CursorInvalid(field="cursor", cursor=after)
    search_for = _Search(wanted, exact, names)
    found = await search_for.walk(conn, place, limit + 1)
    rows = cursor.page(_NAME, found, limit, begun=place is not None, is_back=place is not None and place.is_back)
    if place is None and rows.following is None:
        return rows, Total(len(rows.rows), is_more=False)
    return rows, await search_for.count(conn)


async def _exact(conn: Connection, wanted: Wanted) -> list[UUID]:
    """Return whom an id or an identity names as it stands, in the order in which they were thought of."""
    asked = [identity for identity in wanted.exact if identity.kind != "member"]
    named = {identity: bytes.fromhex(identity.value) for identity in wanted.exact if identity.kind == "member"}
    named |= await store.find(conn, asked) if asked else {}
    ids = [UUID(bytes=member) for member in dict.fromkeys(named[one] for one in wanted.exact if one in named)]
    there = await search_store.there(conn, ids) if ids else set()
    return [one for one in ids if one in there]


@dataclass(frozen=True, slots=True)
class _Search:
    wanted: Wanted
    exact: Sequence[UUID]
    named: tuple[int, ...]

    async def walk(self, conn: Connection, place: Place | None, wanted: int) -> list[tuple[Place, bytes]]:
        """Return up to `wanted` members beside `place`, nearest first, through as many parts as it takes."""
        is_back = place is not None and place.is_back
        start = _EXACT if place is None else place.part
        parts = [_EXACT, *_PARTS]
        ahead = (
            [part for part in parts if part <= start][::-1] if is_back else [part for part in parts if part >= start]
        )
        found: list[tuple[Place, bytes]] = []
        for part in ahead:
            at = place if place is not None and part == place.part else None
            if part == _EXACT:
                rows = self._exactly(at, is_back=is_back)
            elif not self._is_open(part):
                continue
            else:
                rows = await search_store.rows(
                    conn,
                    part,
                    self.wanted,
                    self.exact,
                    at,
                    wanted - len(found),
                    named=self.named,
                    is_back=is_back,
                )
            found += [(here, member.bytes) for here, member in rows][: wanted - len(found)]
            if len(found) == wanted:
                break
        return found

    def _exactly(self, at: Place | None, *, is_back: bool) -> list[tuple[Place, UUID]]:
        rows = [(Place(_EXACT, f"{n:04}", FIRST_ID), member) for n, member in enumerate(self.exact)]
        if is_back:
            return [row for row in reversed(rows) if at is None or str(row[0].key) < str(at.key)]
        return [row for row in rows if at is None or str(row[0].key) > str(at.key)]

    def _is_open(self, part: int) -> bool:
        """Tell whether a part can hold anybody: names where somebody's begins so, ends for digits alone."""
        kind = search_store.PARTS[part]
        if kind is search_store.SELECT_BY_NAME:
            return part in self.named
        return kind is not search_store.SELECT_BY_TAIL or self.wanted.ends.lo != ""

    async def count(self, conn: Connection) -> Total:
        """Count up to `COUNTED_MAX`."""
        n = len(self.exact)
        for part in _PARTS:
            if n <= COUNTED_MAX and self._is_open(part):
                n += await search_store.count(
                    conn, part, self.wanted, self.exact, COUNTED_MAX + 1 - n, named=self.named
                )
        return Total(min(n, COUNTED_MAX), n > COUNTED_MAX)
