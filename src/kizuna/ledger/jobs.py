"""What the worker runs for the ledger: sealing. Each commit joins a hash chain, after the commit and never within it."""

from kizuna.ledger import store
from kizuna.ledger.model import Sums, link
from kizuna.ledger.verify import GENESIS, POSTED, SEALER_NAME
from kizuna.runtime.db import Connection
from kizuna.runtime.outbox import Follower, News


async def _seal(conn: Connection, news: list[News]) -> None:
    """Append the batches that `news` names, in its order, to the chain."""
    named = [one.payload for one in news if one.topic == POSTED]
    batches = {row["batch_id"]: row for row in await conn.fetch(store.SELECT_BATCHES_BY_ID, named)}
    last = await conn.fetchrow(store.SELECT_LAST_SEAL)
    position, previous = (last["position"], bytes(last["hash"])) if last else (0, GENESIS)
    links = []
    for number, batch_id in enumerate(named, start=position + 1):
        row = batches[batch_id]
        previous = link(previous, batch_id, Sums(row["issued"], row["redeemed"], row["expired"]), bytes(row["digest"]))
        links.append((number, batch_id, previous))
    if links:
        await conn.execute(store.INSERT_SEALS, *[list(column) for column in zip(*links, strict=True)])


SEALER = Follower(SEALER_NAME, _seal)
