"""Orders paid with points: when nothing of an order is kept, what is left of the redemptions that paid for it is given back.

Always true: no redemption gives back more than it took, whoever voids what; each change of an order gives back once, by operations
whose ids are made from it, in the transaction that moves the follower's cursor. A redemption of somebody else is left alone.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.intake import order_store
from kizuna.intake.contents import order_key
from kizuna.intake.decide import Terms
from kizuna.intake.following import SOURCE, tell
from kizuna.intake.model import CHANGES, Arrival, Outcome
from kizuna.intake.operations.case import Asking
from kizuna.intake.operations.commit import commit_operations
from kizuna.intake.operations.model import KIZUNA, REDEMPTION_VOIDED
from kizuna.intake.operations.problems import RedemptionTooLittle, RedemptionUnknown
from kizuna.intake.operations.spending import redeemed
from kizuna.intake.operations.told import operate
from kizuna.intake.orders import load
from kizuna.intake.whereabouts import followed
from kizuna.ledger import POSTED, restored
from kizuna.members import UnknownMember
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand, brand_here
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.runtime.outbox import Follower, News

_TRIES = 3
_log = logging.getLogger(__name__)


class _Change(NamedTuple):
    """A change of an order: by which event, whose redemptions paid for it, and how many points come back (None: all)."""

    event_key: bytes
    member: bytes
    redemptions: Sequence[str]
    points: int | None


async def follow(conn: Connection, news: list[News]) -> None:
    """Give back what the changes of orders ask for that came with the commits that `news` names."""
    batches = [one.payload for one in news if one.topic == POSTED]
    rows = await order_store.giving_back(conn, batches, CHANGES) if batches else []
    if not rows:
        return
    brand, book = await brand_here(conn), PlanBook()
    keys = [order_key(row["shop"] or row["source"], row["order_id"]) for row in rows]
    known = (await load(conn, sorted(set(keys)), brand.zone)).found
    await book.refresh(conn)
    for key, row in zip(keys, rows, strict=True):
        order = known.get(key)
        if order is not None and order.redemptions:
            points = None if row["orders"] == -1 else row["points_back"]
            paid = list(dict.fromkeys(order.redemptions))
            await _give_back(conn, brand, book, _Change(row["event_key"].bytes, row["member_id"].bytes, paid, points))


async def _give_back(conn: Connection, brand: Brand, book: PlanBook, change: _Change) -> None:
    """Give back for one change: of the latest redemption first."""
    left = change.points
    for ref in reversed(change.redemptions):
        result: Outcome | Problem | None = None
        for _ in range(_TRIES):
            there = await _left_of(conn, brand, book, change, ref)
            part = there if left is None else min(left, there)
            if not part:
                break
            (result,) = await tell(conn, brand, book, [_asked(brand, change, ref, part)], commit_operations)
            if not isinstance(result, RedemptionTooLittle):  # somebody gave a part back meanwhile
                left = None if left is None else left - part
                break
        if isinstance(result, Problem):
            _log.error("points of redemption %s cannot be given back: %s", ref, result)


async def _left_of(conn: Connection, brand: Brand, book: PlanBook, change: _Change, ref: str) -> int:
    """Return how many points of a redemption may still be given back to whom the order is; 0 where it is somebody else's, or none."""
    asked = _asked(brand, change, ref, 1)
    try:
        roles = await redeemed(Asking(conn, brand, book.plans[book.index_at(asked.at_ms)], asked))
    except (RedemptionUnknown, UnknownMember) as problem:
        _log.warning("an order names redemption %s, of which nothing is given back: %s", ref, problem)
        return 0
    if roles.subject != await followed(conn, change.member):
        _log.warning("an order names redemption %s, which is another member's", ref)
        return 0
    taken: int = sum(lot.remaining for lot in roles.found.lots)
    return taken - await restored(conn, roles.found.key)


def _asked(brand: Brand, change: _Change, ref: str, points: int) -> Arrival:
    """Return the operation, done now; the same change and redemption make the same one."""
    at_ms = instant_ms(now())
    data = {"by": KIZUNA, "redemption": ref, "points": points}
    terms = Terms(brand.currency, brand.country, brand.zone, 0)
    return operate(REDEMPTION_VOIDED, f"order_change/{change.event_key.hex()}/{ref}", SOURCE, None, data, terms, at_ms)


POINTS_GIVEN_BACK = Follower("intake.points_back", follow)
