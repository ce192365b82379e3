"""Holds whose time is over are voided by Kizuna itself, within seconds, each once.

Always true: the operation's id is made from its hold, so that whoever tries again, or at the same time, makes the same one; whether a
hold is confirmed or times out is settled under the lock of its member's row, and whoever comes second is told so.
"""

import logging
from datetime import datetime

from kizuna.core.days import instant_ms
from kizuna.core.errors import Problem
from kizuna.intake.decide import Terms
from kizuna.intake.following import SOURCE, tell
from kizuna.intake.operations.case import ref_of
from kizuna.intake.operations.commit import commit_operations
from kizuna.intake.operations.model import HOLD_VOIDED, KIZUNA
from kizuna.intake.operations.problems import HoldConfirmedAlready, HoldTimedOut, HoldVoidedAlready
from kizuna.intake.operations.told import operate
from kizuna.ledger import due_holds
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database
from kizuna.runtime.outbox import claim
from kizuna.runtime.worker import Chore

AT_ONCE = 200
EVERY_S = 2.0
_NAME = "intake.holds"
_ENDED = (HoldConfirmedAlready, HoldVoidedAlready, HoldTimedOut)
_log = logging.getLogger(__name__)


async def turn(db: Database, brand: Brand, at: datetime | None = None) -> bool:
    """Void some of the holds whose time was over by `at` (now); return whether there may be more. May be cut anywhere."""
    at = at or now()
    async with db.transaction(brand.schema) as conn:
        due = await due_holds(conn, at, AT_ONCE)
        if not due or not await claim(conn, _NAME):
            return False
        book = PlanBook()
        await book.refresh(conn)
        terms = Terms(brand.currency, brand.country, brand.zone, 0)
        asked = [
            operate(
                HOLD_VOIDED, f"timed_out/{ref_of(key)}", SOURCE, None,
                {"by": KIZUNA, "hold": ref_of(key), "timed_out": True}, terms, instant_ms(at),
            )
            for key in due
        ]  # fmt: skip
        results = await tell(conn, brand, book, asked, commit_operations)
    stuck = [one for one in results if isinstance(one, Problem) and not isinstance(one, _ENDED)]
    for problem in stuck:
        _log.error("a hold whose time is over cannot be voided: %s", problem)
    return len(due) == AT_ONCE and not stuck


async def _turn(db: Database, brand: Brand) -> bool:
    return await turn(db, brand)


HOLDS_TIMED_OUT = Chore(_NAME, _turn, EVERY_S)
