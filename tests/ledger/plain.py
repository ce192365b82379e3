"""A plain ledger in memory, written from docs/ledger.md and docs/program/meaning.md: dicts and loops, no columns, no bytes, no database.

It knows one program: points that end after `LIVES` days and earn 1 per 10, miles that never end, wait 5 days and earn 1 per 100, and
money. Every operation returns what the answer should say, or raises `Refused` with the code that it should be refused with; then it has
changed nothing.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

POINTS, MILES, CARD = "points", "miles", "card"
UNITS = (POINTS, MILES, CARD)
LIVES, WAITS, GRACE = 30, 5, 10
NEVER = 2**31 - 1
CAFE = 1
"""The restriction that only the café's channel may use."""


class Refused(Exception):  # noqa: N818 - what the answer is
    """The code that the ledger should refuse with."""


@dataclass
class Pocket:
    """One unit of one member: lots by (last day, restriction), what is owed, what is held."""

    lots: dict[tuple[int, int], int] = field(default_factory=dict)
    debt: int = 0
    held: int = 0

    @property
    def balance(self) -> int:
        return sum(self.lots.values()) - self.debt

    def put(self, last: int, restriction: int, points: int) -> None:
        repaid = min(self.debt, points)
        self.debt -= repaid
        if points > repaid:
            self.lots[last, restriction] = self.lots.get((last, restriction), 0) + points - repaid

    def available(self, usable: set[int]) -> int:
        inside = sum(points for (_, restriction), points in self.lots.items() if restriction in usable)
        return max(0, min(inside, self.balance))

    def take_from(self, key: tuple[int, int], points: int) -> int:
        """Take up to `points` from one lot; return how many there were."""
        part = min(points, self.lots.get(key, 0))
        if part:
            self.lots[key] -= part
            if not self.lots[key]:
                del self.lots[key]
        return part

    def take(self, points: int, usable: set[int]) -> list[tuple[int, int, int]]:
        """Take up to `points` from usable lots, soonest to end first; return (last, restriction, points)."""
        taken = []
        for key in sorted(self.lots):
            if key[1] in usable and points:
                part = self.take_from(key, points)
                points -= part
                taken.append((*key, part))
        return taken


ALL = {0, CAFE}


@dataclass
class Member:
    """One member: a pocket a unit, and what waits by (release day, order)."""

    pockets: dict[str, Pocket] = field(default_factory=lambda: {unit: Pocket() for unit in UNITS})
    waiting: dict[tuple[int, str], int] = field(default_factory=dict)
    closed: bool = False
    moved_to: str | None = None

    def touch(self, day: int) -> None:
        for key in sorted(self.waiting):
            if key[0] <= day:
                self.pockets[MILES].put(NEVER, 0, self.waiting.pop(key))
        for pocket in self.pockets.values():
            for key in [key for key in pocket.lots if key[0] < day]:
                del pocket.lots[key]


@dataclass
class Order:
    member: str
    day: int
    points: int
    miles: int
    is_returned: bool = False


@dataclass
class Hold:
    member: str
    unit: str
    lots: list[tuple[int, int, int]]
    ends: float
    holder: str
    state: str = "open"

    @property
    def points(self) -> int:
        return sum(part[2] for part in self.lots)


@dataclass
class Redemption:
    member: str
    unit: str
    lots: list[tuple[int, int, int]]
    restored: int = 0


@dataclass
class Merge:
    gone: str
    kept: str
    lots: dict[str, dict[tuple[int, int], int]]
    waiting: dict[tuple[int, str], int]
    debts: dict[str, int]
    paid: dict[str, list[tuple[int, int, int]]]
    holds: dict[str, list[tuple[int, int, int]]]
    is_undone: bool = False
    was_pooled: bool = False
    took_place: bool = False


class Plain:
    """The whole ledger. `day` counts from the first one; instants are days with fractions."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.orders: dict[str, Order] = {}
        self.holds: dict[str, Hold] = {}
        self.redemptions: dict[str, Redemption] = {}
        self.merges: dict[str, Merge] = {}
        self.pool: list[str] = []
        self.rank: Callable[[str], object] = str
        """In which order the ids of members are."""

    # Who

    def name(self, who: str) -> str:
        """Return who somebody is now."""
        while who in self.members and self.members[who].moved_to:
            who = self.members[who].moved_to or ""
        return who

    def of(self, who: str, day: int) -> Member:
        """Return an open member's row after a touch."""
        who = self.name(who)
        if who not in self.members:
            raise Refused("unknown_member")
        if self.members[who].closed:
            raise Refused("member_closed")
        self.members[who].touch(day)
        return self.members[who]

    def attempt(self, story):
        """Do `story` whole, or leave everything as it was."""
        before = copy.deepcopy(self.__dict__)
        try:
            return story()
        except Refused:
            self.__dict__.update(before)
            raise

    # What happens

    def order(self, who: str, id_: str, amount: int, day: int) -> None:
        self.members.setdefault(self.name(who), Member())
        member = self.of(who, day)
        order = Order(self.name(who), day, amount // 10, amount // 100)
        self.orders[id_] = order
        if order.points:
            member.pockets[POINTS].put(day + LIVES - 1, 0, order.points)
        if order.miles:
            member.waiting[day + WAITS, id_] = order.miles

    def give_back_order(self, id_: str, day: int) -> None:
        order = self.orders[id_]
        member = self.of(order.member, day)
        if order.is_returned:
            raise Refused("nothing_kept")
        order.is_returned = True
        pocket, last = member.pockets[POINTS], order.day + LIVES - 1
        missing = order.points - pocket.take_from((last, 0), order.points)
        if last >= day:
            pocket.debt += missing
        key = (order.day + WAITS, id_)
        waited = min(order.miles, member.waiting.get(key, 0))
        if waited:
            del member.waiting[key]
        miles = member.pockets[MILES]
        rest = order.miles - waited
        miles.debt += rest - miles.take_from((NEVER, 0), rest)

    # Spending

    def spend(
        self, who: str, points: int, unit: str, channel: str, day: int, *, pooled: bool
    ) -> list[tuple[int, int, int]]:
        member, usable = self.of(who, day), ALL if channel == "cafe" else {0}
        if pooled:
            self._fill(self.name(who), points, unit, usable, day)
        pocket = member.pockets[unit]
        if pocket.available(usable) < points:
            raise Refused("insufficient_points")
        return pocket.take(points, usable)

    def _fill(self, spender: str, points: int, unit: str, usable: set[int], day: int) -> None:
        if spender not in self.pool:
            raise Refused("pool_not_allowed")
        others = sorted((name for name in self.pool if name != spender), key=self.rank)
        for name in others:
            self.of(name, day)
        mine = self.members[spender].pockets[unit]
        room = {name: self.members[name].pockets[unit].available(usable) for name in others}
        room[spender] = sum(left for key, left in mine.lots.items() if key[1] in usable)
        missing = points + mine.debt
        if sum(room.values()) < missing:
            raise Refused("insufficient_points")
        lots = []
        for rank, name in enumerate((spender, *others)):
            lots += [
                (*key, rank, name, left)
                for key, left in self.members[name].pockets[unit].lots.items()
                if key[1] in usable
            ]
        shares: dict[str, int] = defaultdict(int)
        for _, _, _, name, left in sorted(lots):
            part = min(missing, left, room[name])
            shares[name] += part
            room[name] -= part
            missing -= part
        for name in others:
            for last, restriction, part in self.members[name].pockets[unit].take(shares[name], usable):
                mine.put(last, restriction, part)

    def redeem(
        self, who: str, id_: str, points: int, unit: str, channel: str, day: int, *, pooled: bool = False
    ) -> None:
        lots = self.spend(who, points, unit, channel, day, pooled=pooled)
        self.redemptions[id_] = Redemption(self.name(who), unit, lots)

    def hold(
        self,
        who: str,
        id_: str,
        points: int,
        unit: str,
        channel: str,
        at: float,
        days: float,
        holder: str,
        *,
        pooled: bool,
    ) -> None:
        lots = self.spend(who, points, unit, channel, int(at), pooled=pooled)
        self.holds[id_] = Hold(self.name(who), unit, lots, at + days, holder)
        self.members[self.name(who)].pockets[unit].held += points

    def _open(self, id_: str, at: float, by: str, *, timed_out: bool = False) -> tuple[Hold, Member]:
        hold = self.holds[id_]
        member = self.of(hold.member, int(at))
        if by not in (hold.holder, "kizuna"):
            raise Refused("hold_of_another_key")
        if hold.state != "open":
            raise Refused(
                {"confirmed": "hold_confirmed", "voided": "hold_voided", "timed_out": "hold_timed_out"}[hold.state]
            )
        if at >= hold.ends and not timed_out:
            raise Refused("hold_timed_out")
        return hold, member

    def confirm(self, id_: str, points: int | None, at: float, by: str) -> None:
        hold, member = self._open(id_, at, by)
        points = hold.points if points is None else points
        if points > hold.points:
            raise Refused("hold_too_small")
        redeemed, rest = parted(hold.lots, points)
        member.pockets[hold.unit].held -= hold.points
        hold.state = "confirmed"
        self._put_back(member, hold.unit, rest, int(at))
        self.redemptions[id_] = Redemption(hold.member, hold.unit, redeemed)

    def void(self, id_: str, at: float, by: str, *, timed_out: bool = False) -> None:
        hold, member = self._open(id_, at, by, timed_out=timed_out)
        member.pockets[hold.unit].held -= hold.points
        hold.state = "timed_out" if timed_out else "voided"
        self._put_back(member, hold.unit, hold.lots, int(at))

    def _put_back(self, member: Member, unit: str, lots: list[tuple[int, int, int]], day: int) -> None:
        for last, restriction, points in lots:
            member.pockets[unit].put(day + GRACE - 1 if last < day else last, restriction, points)

    def restore(self, id_: str, points: int | None, day: int) -> None:
        if id_ not in self.redemptions:
            raise Refused("redemption_unknown")
        found = self.redemptions[id_]
        member = self.of(found.member, day)
        left = sum(part[2] for part in found.lots) - found.restored
        if not left:
            raise Refused("redemption_voided")
        points = left if points is None else points
        if points > left:
            raise Refused("redemption_exceeded")
        still, _ = parted(found.lots, left)
        _, back = parted(still, left - points)
        found.restored += points
        self._put_back(member, found.unit, back, day)

    # Between members, and by hand

    def transfer(self, who: str, to: str, points: int, day: int) -> None:
        if self.name(who) not in self.members or self.name(to) not in self.members:
            raise Refused("unknown_member")
        if self.name(who) == self.name(to):
            raise Refused("transfer_to_oneself")
        giver, receiver = self.of(who, day), self.of(to, day)
        if not 2 <= points <= 500:
            raise Refused("transfer_out_of_range")
        if giver.pockets[POINTS].available({0}) < points:
            raise Refused("insufficient_points")
        for part in giver.pockets[POINTS].take(points, {0}):
            receiver.pockets[POINTS].put(*part)

    def adjust(self, who: str, points: int, unit: str, restriction: int, day: int, *, owes: bool) -> None:
        pocket = self.of(who, day).pockets[unit]
        if points == 0:
            raise Refused("adjustment_zero")
        if points > 0:
            pocket.put(day + LIVES - 1 if unit == POINTS else NEVER, restriction, points)
            return
        if pocket.available(ALL) < -points and not owes:
            raise Refused("insufficient_points")
        pocket.debt += -points - sum(part[2] for part in pocket.take(-points, ALL))

    def extend(self, who: str, through: int, day: int) -> None:
        pocket = self.of(who, day).pockets[POINTS]
        if through < day:
            raise Refused("date_in_the_past")
        moved = [(key, points) for key, points in pocket.lots.items() if key[0] < through]
        if not moved:
            raise Refused("nothing_to_extend")
        for key, points in moved:
            del pocket.lots[key]
            pocket.lots[through, key[1]] = pocket.lots.get((through, key[1]), 0) + points

    def _touch_sharers(self, *who: str, day: int) -> None:
        """Whoever shares a pool with somebody whose place in it changes is touched too."""
        if set(who) & set(self.pool):
            for name in self.pool:
                self.members[name].touch(day)

    def close(self, who: str, day: int) -> None:
        member = self.of(who, day)
        if any(hold.state == "open" and self.name(hold.member) == self.name(who) for hold in self.holds.values()):
            raise Refused("member_has_holds")
        self._touch_sharers(self.name(who), day=day)
        member.closed, member.waiting = True, {}
        for pocket in member.pockets.values():
            pocket.lots, pocket.debt = {}, 0
        self.pool = [name for name in self.pool if name != self.name(who)]

    # One person

    def merge(self, who: str, into: str, id_: str, day: int) -> None:
        name, other = self.name(who), self.name(into)
        if name not in self.members or other not in self.members:
            raise Refused("unknown_member")
        if name == other:
            raise Refused("merge_into_oneself")
        gone, kept = self.of(who, day), self.of(into, day)
        self._touch_sharers(name, other, day=day)
        record = Merge(name, other, {}, dict(gone.waiting), {}, {}, {})
        record.lots = {unit: dict(pocket.lots) for unit, pocket in gone.pockets.items()}
        for key, points in gone.waiting.items():
            kept.waiting[key] = kept.waiting.get(key, 0) + points
        gone.waiting = {}
        self._merge_debts(record, gone, kept)
        for unit, pocket in gone.pockets.items():
            for key in sorted(pocket.lots):
                kept.pockets[unit].put(*key, pocket.lots[key])
            pocket.lots = {}
        for id_of, hold in self.holds.items():
            if hold.member == name and hold.state == "open":
                if kept.pockets[hold.unit].debt:
                    raise Refused("member_has_holds")
                record.holds[id_of] = hold.lots
                self._hand_hold(hold, gone, kept, other)
        gone.moved_to = other
        record.was_pooled = name in self.pool
        record.took_place = record.was_pooled and other not in self.pool
        self.pool = [one for one in self.pool if one != name] + [other] * record.took_place
        self.merges[id_] = record

    def _merge_debts(self, record: Merge, gone: Member, kept: Member) -> None:
        for unit, pocket in gone.pockets.items():
            if pocket.debt:
                record.debts[unit] = pocket.debt
                record.paid[unit] = kept.pockets[unit].take(pocket.debt, ALL)
                kept.pockets[unit].debt += pocket.debt - sum(part[2] for part in record.paid[unit])
                pocket.debt = 0

    def _hand_hold(self, hold: Hold, giver: Member, taker: Member, name: str) -> None:
        giver.pockets[hold.unit].held -= hold.points
        taker.pockets[hold.unit].held += hold.points
        hold.member = name

    def unmerge(self, id_: str, day: int) -> None:
        record = self.merges[id_]
        kept, gone = self.members[record.kept], self.members[record.gone]
        if kept.closed or gone.closed:
            raise Refused("member_closed")
        if record.is_undone:
            raise Refused("merge_undone")
        if kept.moved_to:
            raise Refused("merge_covered")
        kept.touch(day)
        for name in self.pool * record.was_pooled:
            self.members[name].touch(day)
        record.is_undone, gone.moved_to = True, None
        self._unmerge_holds(record, kept, gone, day)
        for unit, lots in record.lots.items():
            for key in sorted(lots):
                self._return(kept.pockets[unit], gone.pockets[unit], key, lots[key], day)
        for unit, debt in record.debts.items():
            self._unmerge_debt(record, unit, debt, day)
        self._unmerge_waiting(record, kept, gone)
        if record.took_place:
            self.pool = [one for one in self.pool if one != record.kept]
        self.pool += [record.gone] * record.was_pooled
        gone.touch(day)
        kept.touch(day)

    def _unmerge_waiting(self, record: Merge, kept: Member, gone: Member) -> None:
        for key, points in record.waiting.items():
            back = min(points, kept.waiting.get(key, 0))
            if back:
                kept.waiting[key] -= back
                gone.waiting[key] = gone.waiting.get(key, 0) + back
        kept.waiting = {key: points for key, points in kept.waiting.items() if points}

    def _unmerge_holds(self, record: Merge, kept: Member, gone: Member, day: int) -> None:
        for id_of in record.holds:
            hold = self.holds[id_of]
            if hold.state == "open":
                self._hand_hold(hold, kept, gone, record.gone)
                for last, restriction, points in hold.lots:
                    kept.pockets[hold.unit].put(last, restriction, points)
                for last, restriction, points in hold.lots:
                    self._owe(kept.pockets[hold.unit], (last, restriction), points)
        for id_of, lots in record.holds.items():
            hold = self.holds[id_of]
            if hold.state == "confirmed":
                _, lots = parted(lots, sum(part[2] for part in self.redemptions[id_of].lots))  # noqa: PLW2901 - the rest
            if hold.state != "open":
                for last, restriction, points in lots:
                    self._return(kept.pockets[hold.unit], gone.pockets[hold.unit], (last, restriction), points, day)

    def _unmerge_debt(self, record: Merge, unit: str, debt: int, day: int) -> None:
        kept, pocket = self.members[record.kept], self.members[record.gone].pockets[unit]
        pocket.debt += debt - sum(part[2] for part in pocket.take(debt, ALL))
        back = list(record.paid[unit])
        rest = debt - sum(part[2] for part in back)
        if rest:
            back.append((day + LIVES - 1 if unit == POINTS else NEVER, 0, rest))
        for last, restriction, points in sorted(back, key=lambda part: part[0] < day):
            kept.pockets[unit].put(last, restriction, points)

    def _owe(self, pocket: Pocket, key: tuple[int, int], points: int) -> None:
        rest = points - pocket.take_from(key, points)
        pocket.debt += rest - sum(part[2] for part in pocket.take(rest, ALL))

    def _return(self, kept: Pocket, gone: Pocket, key: tuple[int, int], points: int, day: int) -> None:
        if key[0] >= day:
            self._owe(kept, key, points)
            gone.put(*key, points)


def parted(
    lots: list[tuple[int, int, int]], points: int
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    """Part lots, soonest first, into those that come to `points` and the rest."""
    first, rest = [], []
    for last, restriction, held in lots:
        part = min(points, held)
        points -= part
        if part:
            first.append((last, restriction, part))
        if held > part:
            rest.append((last, restriction, held - part))
    return first, rest
