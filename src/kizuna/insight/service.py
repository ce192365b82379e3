"""Keeping the figures: load → decide → write, for whomever some commits touched or the passing of time has changed.

Always true after it: each figure is what the member rows and entries handled so far come to; nothing is counted twice,
because what a member's row contributed before is taken off before what it contributes now is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kizuna.core.days import DAY_NEVER, day_number
from kizuna.core.lots import unpack
from kizuna.engine import EntryKind, State, kept_through, standing
from kizuna.engine.plan import Ints
from kizuna.insight import store
from kizuna.insight.decide import Days, Pocket, active_steps, days_at, pockets, tier_moves
from kizuna.insight.model import WINDOWS, Happened, Moment, Order, Row, Tally, What, in_order
from kizuna.intake import ORDER_COMPLETED
from kizuna.ledger import NO_RULE, Account, accounts
from kizuna.runtime.db import Connection

NO_VERSION = 0


async def read(conn: Connection, moment: Moment, batches: Sequence[int], tally: Tally) -> Happened:
    """Read what `batches` wrote; count at once what belongs to a day alone."""
    zone = moment.brand.zone
    told = await conn.fetch(store.SELECT_EVENTS, batches)
    members = {row["member"] for row in told}
    bought = [row for row in told if row["type"] == ORDER_COMPLETED]
    orders = [
        Order(row["member"], day, int(row["amount"]))
        for row, day in zip(bought, days_at([row["key"] for row in bought], zone), strict=True)
    ]
    for order in orders:
        tally.order(order.day, 1, order.amount)
    redemptions: list[tuple[bytes, int]] = []
    posted = await conn.fetch(store.SELECT_ENTRIES, batches)
    days = days_at([row["key"] for row in posted], zone)
    for (member, _, kind, version, rule, points, expires_on), day in zip(posted, days, strict=True):
        tally.move_points((expires_on + 1 if kind == EntryKind.EXPIRE else day, kind, version, rule), 1, points)
        if kind == EntryKind.REDEEM:
            redemptions.append((member, day))
    return Happened(members, orders, redemptions)


async def renew(conn: Connection, moment: Moment, happened: Happened, tally: Tally) -> int:
    """Make the rows of everyone in `happened` anew; return how many. What changes is counted in `tally`."""
    holders = await accounts(conn, in_order(happened.members))
    members = in_order(holders)
    if not members:
        return 0
    kept = await store.lock_rows(conn, members)
    new = [member for member in members if member not in kept]
    joined = await store.joined(conn, new) if new else {}
    blanks = {member: _blank(moment, day) for member, day in joined.items()}
    for day in joined.values():
        tally.join(day_number(day))
    before = [kept[member] if member in kept else blanks[member] for member in members]
    work = _Work(moment, members, before, tally)
    rows = work.after(happened, [holders[member] for member in members])
    tally.tiers.update(row.tier for row in rows)
    tally.tiers.subtract(row.tier for row in kept.values())
    await store.put_rows(conn, members, rows)
    return len(rows)


def _blank(moment: Moment, joined_on: date) -> Row:
    """Return the row of a newcomer, before anything."""
    return Row(
        joined_on, 0, DAY_NEVER, 0, DAY_NEVER, 0, 0, None, None, moment.today, moment.version, b"", b"", b"", b""
    )


@dataclass(slots=True)
class _Work:
    """Rows under way: what they were, and what becomes of the figures."""

    moment: Moment
    members: list[bytes]
    before: list[Row]
    tally: Tally

    def after(self, happened: Happened, holders: Sequence[Account]) -> list[Row]:
        """Return the rows as they are now."""
        size, today = len(self.members), self.moment.today
        row_of = {member: number for number, member in enumerate(self.members)}
        orders = Days.unpack([row.order_days for row in self.before], [row.order_amounts for row in self.before])
        redemptions = Days.unpack([row.redemption_days for row in self.before])
        bought = orders.with_more(
            [row_of[order.member] for order in happened.orders],
            [order.day for order in happened.orders],
            [order.amount for order in happened.orders],
        )
        redeemed = redemptions.with_more(
            [row_of[member] for member, _ in happened.redemptions],
            [day for _, day in happened.redemptions],
            [0] * len(happened.redemptions),
        )
        if happened.orders:
            self._step(What.ORDER, orders, bought)
        if happened.redemptions:
            self._step(What.REDEMPTION, redemptions, redeemed)
        last_order = bought.last(size)
        as_of = [
            max(today, row.as_of, today if last is None else last)
            for row, last in zip(self.before, last_order, strict=True)
        ]
        self._move(orders, bought, as_of)
        pocket = pockets([account.lots for account in holders], today)
        self._lapse(pocket)
        state = State.unpack([account.memory for account in holders], [account.counters for account in holders],
                             [b""] * size)  # fmt: skip
        everyone, day = np.arange(size), np.full(size, today, np.int32)
        plan = self.moment.plans[-1]
        columns = zip(
            [row.joined_on for row in self.before],
            standing(plan, state, everyone, day).level.tolist(),
            kept_through(plan, state, everyone, day).tolist(),
            pocket.balance,
            pocket.expires_on,
            state.memory["orders"].tolist(),
            state.memory["spend"].tolist(),
            last_order,
            redeemed.last(size),
            as_of,
            [self.moment.version] * size,
            *bought.pack(size),
            redeemed.pack(size)[0],
            pocket.due,
            strict=True,
        )
        return [Row(*facts) for facts in columns]

    def _step(self, what: What, before: Days, after: Days) -> None:
        for window in WINDOWS:
            for days, sign in ((after, 1), (before, -1)):
                for day, step in active_steps(days, window).items():
                    self.tally.active[what, window, day] += sign * step

    def _move(self, before: Days, after: Days, as_of: Sequence[int]) -> None:
        """Count moves between tiers: those of now, less those that the versions known then gave up to the day known then."""
        versions = np.array([row.version for row in self.before], np.int64)
        known = np.array([row.as_of for row in self.before], np.int64)
        for version in np.unique(versions).tolist():
            self._count(before.only(versions == version), version, known, -1)
        self._count(after, self.moment.version, np.array(as_of, np.int64), 1)

    def _count(self, days: Days, version: int, through: Ints, sign: int) -> None:
        moment = self.moment
        for move, count in tier_moves(days, moment.plans[:version], moment.begins[:version], through).items():
            self.tally.moves[move] += sign * count

    def _lapse(self, pocket: Pocket) -> None:
        """Count lots that are past as expired on the day after their last, until an entry says so."""
        for row, due in zip(self.before, pocket.due, strict=True):
            if row.due != due:
                for lots, sign in ((due, 1), (row.due, -1)):
                    for lot in unpack(lots):
                        key = (lot.expires_on + 1, int(EntryKind.EXPIRE), NO_VERSION, NO_RULE)
                        self.tally.move_points(key, sign, -sign * lot.remaining)
