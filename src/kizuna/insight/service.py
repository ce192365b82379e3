"""Keeping the figures: load → decide → write, for whomever some commits touched or the passing of time has changed.

Always true after it: each figure is what the member rows and entries handled so far come to; nothing is counted twice,
because what a member's row contributed before is taken off before what it contributes now is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kizuna.core.days import DAY_IDLE, DAY_NEVER, day_number
from kizuna.core.lots import pack, unpack
from kizuna.core.waiting import pack as pack_waiting
from kizuna.core.waiting import unpack as unpack_waiting
from kizuna.engine import EntryKind, State
from kizuna.insight import store
from kizuna.insight.decide import MOVE, Days, Pocket, active_steps, ahead, days_at, kept_orders, pockets, stages, steps
from kizuna.insight.model import WINDOWS, Happened, Moment, Row, Rung, Tally, What, in_order
from kizuna.intake import BALANCE_OPENED, ORDER_COMPLETED
from kizuna.ledger import NO_RULE, Account, accounts, as_of, member_key, touched
from kizuna.runtime.db import Connection

NO_VERSION = 0
ACCOUNTS: dict[int, tuple[tuple[EntryKind, int], ...]] = {
    EntryKind.EARN: ((EntryKind.EARN, 1),),
    EntryKind.REDEEM: ((EntryKind.REDEEM, 1),),
    EntryKind.EXPIRE: ((EntryKind.EXPIRE, 1),),
    EntryKind.PEND: ((EntryKind.PEND, 1),),
    EntryKind.CANCEL: ((EntryKind.PEND, 1),),
    EntryKind.RELEASE: ((EntryKind.EARN, 1), (EntryKind.PEND, -1)),
    EntryKind.REVERSE: ((EntryKind.EARN, 1),),
    EntryKind.FORGIVE: ((EntryKind.EARN, 1),),
    EntryKind.COLLECT: ((EntryKind.EARN, 1),),
    EntryKind.HOLD: (),
    EntryKind.VOID: (),
    EntryKind.CONFIRM: ((EntryKind.REDEEM, 1),),
    EntryKind.RESTORE: ((EntryKind.REDEEM, 1),),
    EntryKind.REVIVE: ((EntryKind.EXPIRE, 1),),
    EntryKind.EXTEND: (),
    EntryKind.ADJUST: ((EntryKind.ADJUST, 1),),
    EntryKind.TRANSFER: (),
}
"""Where each kind of entry is counted, with which sign. Issued (EARN) is net of what changes took back; PEND are points that wait.

What is held is outstanding still, and what members transfer among each other changes no figure of the brand's.
"""


async def read(conn: Connection, moment: Moment, batches: Sequence[int], tally: Tally) -> Happened:
    """Read what `batches` wrote; count at once what belongs to a day alone."""
    zone = moment.brand.zone
    told = await conn.fetch(store.SELECT_EVENTS, batches)
    orders: list[tuple[bytes, int]] = []
    rungs: list[tuple[bytes, Rung]] = []
    for (member, _, type_, amount, before, after, fell_on), day in zip(
        told, days_at([row["key"] for row in told], zone), strict=True
    ):
        if type_ == ORDER_COMPLETED:
            orders.append((member, day))
        if amount is not None and type_ != BALANCE_OPENED:  # what was bought elsewhere is nobody's sales here
            tally.order(day, int(type_ == ORDER_COMPLETED), amount)
        if after is not None:
            rungs.append((member, Rung(day, before, after, None if fell_on is None else day_number(fell_on))))
    redemptions: list[tuple[bytes, int]] = []
    posted = await conn.fetch(store.SELECT_ENTRIES, batches)
    days = days_at([row["key"] for row in posted], zone)
    for (member, _, kind, version, rule, points, expires_on), day in zip(posted, days, strict=True):
        on = expires_on + 1 if kind == EntryKind.EXPIRE and expires_on < DAY_IDLE else day
        for counted_as, sign in ACCOUNTS[kind]:
            tally.move_points((on, counted_as, version, rule), 1, sign * points)
        if kind in (EntryKind.REDEEM, EntryKind.CONFIRM):
            redemptions.append((member, day))
    touched_too = {row["member"] for row in posted}  # by time alone, where a commit has no event
    undone = await _take_off(conn, moment, batches, tally)
    return Happened({row["member"] for row in told} | touched_too, orders, redemptions, rungs, undone)


async def _take_off(conn: Connection, moment: Moment, batches: Sequence[int], tally: Tally) -> frozenset[bytes]:
    """Take the orders and sales off their days that `batches` took back; return whose they were."""
    gone = await conn.fetch(store.SELECT_UNDONE, batches)
    for (_, _, type_, amount), day in zip(gone, days_at([row["key"] for row in gone], moment.brand.zone), strict=True):
        if amount is not None and type_ != BALANCE_OPENED:
            tally.order(day, -int(type_ == ORDER_COMPLETED), -amount)
    return frozenset(row["member"] for row in gone)


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
    work = _Work(moment, members, before, tally, await _order_days(conn, moment, members, happened.undone))
    rows = work.after(happened, [holders[member] for member in members])
    tally.tiers.update(row.tier for row in rows)
    tally.tiers.subtract(row.tier for row in kept.values())
    tally.stages.update(row.stage for row in rows)
    tally.stages.subtract(row.stage for row in kept.values())
    await store.put_rows(conn, members, rows)
    return len(rows)


async def _order_days(
    conn: Connection, moment: Moment, members: Sequence[bytes], undone: frozenset[bytes]
) -> dict[int, list[int]]:
    """Return, by their places, the days of the orders that are left of those of whom some were taken back."""
    places = {member: place for place, member in enumerate(members) if member in undone}
    left: dict[int, list[int]] = {place: [] for place in places.values()}
    found = await store.ordered(conn, list(places)) if places else []
    for (member, _), day in zip(found, days_at([key for _, key in found], moment.brand.zone), strict=True):
        left[places[member]].append(day)
    return left


def _blank(moment: Moment, joined_on: date) -> Row:
    """Return the row of a newcomer, before anything."""
    return Row(
        joined_on, 0, DAY_NEVER, 0, DAY_NEVER, 0, 0, None, None, moment.today, moment.version, b"", b"", b"", 0, DAY_NEVER, 0,
        b"", b"", 0, None,
    )  # fmt: skip


@dataclass(slots=True)
class _Work:
    """Rows under way: what they were, and what becomes of the figures."""

    moment: Moment
    members: list[bytes]
    before: list[Row]
    tally: Tally
    order_days: dict[int, list[int]]
    """By the place of a member of whom orders were taken back: the days of those that are left."""

    def after(self, happened: Happened, holders: Sequence[Account]) -> list[Row]:
        """Return the rows as they are now."""
        size, today = len(self.members), self.moment.today
        row_of = {member: number for number, member in enumerate(self.members)}
        orders = Days.unpack([row.order_days for row in self.before])
        redemptions = Days.unpack([row.redemption_days for row in self.before])
        bought, redeemed = (
            was.with_more([row_of[member] for member, _ in more], [day for _, day in more])
            for was, more in ((orders, happened.orders), (redemptions, happened.redemptions))
        )
        if self.order_days:
            bought = bought.instead(self.order_days)
        if happened.orders or self.order_days:
            self._step(What.ORDER, orders, bought)
        if happened.redemptions:
            self._step(What.REDEMPTION, redemptions, redeemed)
        seen = self._rungs(row_of, happened.rungs)
        state = state_of(self.moment, self.members, holders)
        standing, moves = ahead(self.moment, state, seen)
        self._move(moves)
        held = [settled(account, today) for account in holders]
        pocket = pockets([one.lots for one in held], today)
        self._lapse(pocket)
        self._release([one.released for one in held])
        columns = zip(
            [row.joined_on for row in self.before],
            standing.level.tolist(),
            standing.kept_through.tolist(),
            [points - one.debt for points, one in zip(pocket.balance, held, strict=True)],
            pocket.expires_on,
            state.head["orders"].tolist(),
            state.head["spend"].tolist(),
            bought.last(size),
            redeemed.last(size),
            [today] * size,
            [self.moment.version] * size,
            bought.pack(size),
            redeemed.pack(size),
            pocket.due,
            [one.waiting for one in held],
            [one.release_on for one in held],
            seen,
            [one.released for one in held],
            moves,
            stages(self.moment, state),
            kept_orders(state),
            strict=True,
        )
        return [Row(*facts) for facts in columns]

    def _step(self, what: What, before: Days, after: Days) -> None:
        for window in WINDOWS:
            for days, sign in ((after, 1), (before, -1)):
                for day, step in active_steps(days, window).items():
                    self.tally.active[what, window, day] += sign * step

    def _rungs(self, row_of: dict[bytes, int], rungs: Sequence[tuple[bytes, Rung]]) -> list[int]:
        """Count the moves between tiers that events tell of; return the tier after each member's last event."""
        seen = [row.tier_seen for row in self.before]
        of: dict[int, list[Rung]] = {}
        for member, rung in rungs:
            if member in row_of:
                of.setdefault(row_of[member], []).append(rung)
        for row, mine in of.items():
            moves, seen[row] = steps(seen[row], mine)
            for move in moves:
                self.tally.moves[move] += 1
        return seen

    def _move(self, after: Sequence[bytes]) -> None:
        """Count the moves that time alone has made, until an event says so."""
        for row, moves in zip(self.before, after, strict=True):
            if row.moves != moves:
                for packed, sign in ((moves, 1), (row.moves, -1)):
                    for move in MOVE.iter_unpack(packed):
                        self.tally.moves[move] += sign

    def _lapse(self, pocket: Pocket) -> None:
        """Count lots that are past as expired on the day after their last, until an entry says so."""
        for row, due in zip(self.before, pocket.due, strict=True):
            if row.due != due:
                for lots, sign in ((due, 1), (row.due, -1)):
                    for lot in unpack(lots):
                        key = (lot.expires_on + 1, int(EntryKind.EXPIRE), NO_VERSION, NO_RULE)
                        self.tally.move_points(key, sign, -sign * lot.remaining)

    def _release(self, after: Sequence[bytes]) -> None:
        """Count points whose day of release has come as issued and no longer waiting, until an entry says so."""
        for row, released in zip(self.before, after, strict=True):
            if row.released != released:
                for packed, sign in ((released, 1), (row.released, -1)):
                    for one in unpack_waiting(packed):
                        for kind, way in ACCOUNTS[EntryKind.RELEASE]:
                            self.tally.move_points(
                                (one.release_on, int(kind), NO_VERSION, NO_RULE), sign, sign * way * one.points
                            )


@dataclass(frozen=True, slots=True)
class Held:
    """What a member holds of the first unit today: open lots with those that are past, debt, and points that wait or waited."""

    lots: bytes
    debt: int = 0
    waiting: int = 0
    release_on: int = DAY_NEVER
    released: bytes = b""


def settled(account: Account, today: int) -> Held:
    """Return what a member's row comes to today."""
    if not account.waiting:
        return Held(account.lots, account.counters.debt)
    done, then = touched(account, today), as_of(account, today)
    still = [one for one in unpack_waiting(then.waiting) if one.unit == 0]
    return Held(
        pack(done.lapsed) + then.lots,
        then.counters.debt,
        sum(one.points for one in still),
        min((one.release_on for one in still), default=DAY_NEVER),
        pack_waiting([one for one in done.released if one.unit == 0]),
    )


def state_of(moment: Moment, members: Sequence[bytes], holders: Sequence[Account]) -> State:
    """Return what the engine remembers of members, without their points."""
    size = len(members)
    return State.unpack(
        moment.names, [account.memory for account in holders], [()] * size, [b""] * size, [b""] * size,
        [member_key(member) for member in members],
    )  # fmt: skip
