"""Finding an event again by the name that its sender gave it, without reading a table: through the keys of what was seen."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kizuna.core.ids import digest
from kizuna.intake import store
from kizuna.intake.model import Outcome
from kizuna.runtime.db import Connection

_DECODE = msgspec.msgpack.Decoder(Outcome)


class Recalled(NamedTuple):
    """An event as its sender named it, and what became of it."""

    source: str
    id: str
    outcome: Outcome


async def sources(conn: Connection) -> list[str]:
    """Return who sends events, by a sample of commits spread over all of them and the newest; each commit is found by its key."""
    return [row["source"] for row in await conn.fetch(store.SELECT_SOURCES)]


async def recall(conn: Connection, senders: Sequence[str], ids: Sequence[str]) -> list[Recalled]:
    """Return the recorded events that any of `senders` named by any of `ids`; refused events are not recorded."""
    named = {digest(source, event_id): (source, event_id) for source in senders for event_id in ids}
    found = (await store.seen(conn, list(named))).known
    outcomes = [(key, _DECODE.decode(answer)) for key, (_, answer) in found.items()]
    return [Recalled(*named[key], outcome) for key, outcome in outcomes if outcome.member]
