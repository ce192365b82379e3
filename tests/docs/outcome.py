"""What a story comes to: the engine decides its lines, one batch a line and all in one batch, and both must say the same.

`decided` gives an `Outcome` a line; `differences` compares it with what the line says.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from docs.columns import Row, events_of
from docs.story import Bought, Line
from kizuna.core.days import DAY_CLOSED, DAY_DELIVERED, DAY_IDLE, DAY_NEVER, day_date
from kizuna.engine import (
    Cut,
    Decisions,
    EntryKind,
    EventKind,
    Names,
    Plan,
    Refusal,
    Shared,
    State,
    compile_plan,
    decide,
    journey_of,
    standing,
)
from kizuna.program import Program

BEFORE_ALL = -(10**9)
MOVES = {
    EntryKind.EARN: "+",
    EntryKind.PEND: "+",
    EntryKind.REDEEM: "−",
    EntryKind.REVERSE: "−",
    EntryKind.EXPIRE: "lapsed",
    EntryKind.RELEASE: "released",
    EntryKind.CANCEL: "cancelled",
    EntryKind.FORGIVE: "forgiven",
    EntryKind.COLLECT: "to collect",
}
REFUSALS = {Refusal.SHORT: "short", Refusal.BELOW_MINIMUM: "below the minimum", Refusal.OFF_STEP: "off the step"}
CUTS = {Cut.EVENT: "event", Cut.MEMBER: "member", Cut.STORE: "store", Cut.ALL: "all", Cut.BUDGET: "budget",
        Cut.GROUP: "group", Cut.EXCLUSIVE: "exclusive"}  # fmt: skip
DAYS = {DAY_NEVER: "never", DAY_IDLE: "idle", -1: "as released"}
WAITS = {DAY_CLOSED: "waits for the return window", DAY_DELIVERED: "waits for the delivery"}


@dataclass(slots=True)
class Part:
    """What one rule moved: of `raw`, cut by `cut`."""

    points: int = 0
    raw: int = 0
    cut: str = ""


@dataclass(slots=True)
class Outcome:
    """What one event came to. `moved` is by (what, unit) and rule; `entries` is everything that two ways must agree on."""

    first_unit: str
    moved: dict[tuple[str, str], dict[str, Part]] = field(default_factory=dict)
    balance: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    tracks: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    """By track (the program's own tiers: an empty name): the rung, through when, and the figure."""
    is_warned: bool = False
    stage: str = ""
    steps: dict[str, tuple[int, int]] = field(default_factory=dict)
    until: set[int] = field(default_factory=set)
    waits: set[int] = field(default_factory=set)
    only: set[str] = field(default_factory=set)
    taken: list[int] = field(default_factory=list)
    refusal: str = ""
    qualifies: bool = False
    kinds: set[EntryKind] = field(default_factory=set)
    cuts: set[Cut] = field(default_factory=set)
    entries: tuple[object, ...] = ()

    def note(self, kind: EntryKind, unit: str, rule: str, part: Part, cut: Cut) -> None:
        """Add a movement."""
        sum_ = self.moved.setdefault((MOVES[kind], unit), {}).setdefault(rule, Part())
        sum_.points += part.points
        if MOVES[kind] == "+":
            sum_.raw, sum_.cut = part.raw, part.cut
            self.cuts.add(cut)
        if part.points:
            self.kinds.add(kind)


class Book:
    """The versions of a program, each with the day from which it is in force; the first is for all time before."""

    def __init__(self, versions: Sequence[tuple[int, Program]]) -> None:
        self.names = Names()
        self.begins = [BEFORE_ALL, *(day for day, _ in versions[1:])]
        self.plans: list[Plan] = [compile_plan(program, n, self.names) for n, (_, program) in enumerate(versions, 1)]

    def at(self, day: int) -> int:
        """Return the version in force on a day, as an index into the plans."""
        return max(place for place, begin in enumerate(self.begins) if begin <= day)


def key_of(who: str) -> int:
    """A member's key, by which holdouts are drawn: it stands for the end of the member's id."""
    return int.from_bytes(hashlib.blake2b(who.encode(), digest_size=8).digest(), "big")


class Story:
    """A story told to the engine."""

    def __init__(self, book: Book, lines: Sequence[Line]) -> None:
        self.book, self.lines = book, lines
        self.members = list(dict.fromkeys(line.who for line in lines))
        self.orders = {line.order or place: n for n, (place, line) in enumerate(self._first_told(), 1)}

    def _first_told(self) -> Iterator[tuple[int, Line]]:
        yield from ((place, line) for place, line in enumerate(self.lines) if line.verb == "order")

    def _fresh(self) -> State:
        return State.fresh(self.book.names, len(self.members), [key_of(who) for who in self.members])

    def _row(self, place: int, **more: object) -> Row:
        line = self.lines[place]
        program = self.book.plans[self.book.at(line.day)].program
        kind = {"order": EventKind.ORDER, "redeem": EventKind.REDEMPTION}.get(line.verb, EventKind.ACTION)
        spendable = next((unit.id for unit in program.units if unit.kind == "spendable"), program.units[0].id)
        facts: dict[str, object] = {
            "kind": EventKind.CHANGE if line.is_change else kind,
            "member": self.members.index(line.who),
            "plan": self.book.at(line.day),
            "order": self.orders.get(line.order or place, 0),
            "unit": self.book.names.unit(line.unit or spendable),
            "bought": line.bought or Bought(items=_count(line)),
        }
        return Row(line, **(facts | more))  # type: ignore[arg-type]

    def whole(self) -> list[tuple[object, ...]]:
        """Decide everything as one batch, and return what moved at each line."""
        kept: dict[str, int] = {}
        first: dict[str, int] = {}
        rows = []
        for place, line in enumerate(self.lines):
            if line.is_change:
                rows.append(self._row(place, origin=first[line.order], before=kept[line.order]))
            else:
                rows.append(self._row(place))
            if line.verb == "order" and line.order:
                first[line.order] = place
            if line.bought and line.order:
                kept[line.order] = place
        done = decide(self.book.plans, self._fresh(), events_of(rows), Shared({}))
        return [_entries(done, row) for row in range(len(rows))]

    def one_by_one(self) -> list[Outcome]:
        """Decide each line by itself, on a state that was packed and unpacked in between."""
        state, used, outcomes = self._fresh(), {}, []
        frozen: dict[str, bytes] = {}
        first: dict[str, int] = {}
        kept: dict[str, Bought] = {}
        for place, line in enumerate(self.lines):
            rows = []
            if line.is_change:
                past = self._row(first[line.order], kind=EventKind.PAST, frozen=frozen[line.order])
                before = self._row(
                    first[line.order], kind=EventKind.PAST, frozen=frozen[line.order], bought=kept[line.order]
                )
                rows = [past, before]
            rows.append(self._row(place, **({"origin": 0, "before": 1} if rows else {})))
            shared = Shared(used)
            done = decide(self.book.plans, state, events_of(rows), shared)
            if line.verb == "order" and line.order:
                frozen[line.order], first[line.order] = done.frozen[0], place
            if line.bought and line.order:
                kept[line.order] = line.bought
            outcomes.append(self._outcome(line, state, done, len(rows) - 1))
            used = dict(shared.used)
            state = State.unpack(
                self.book.names,
                state.pack_memory(),
                state.counters.reshape(len(self.members), -1),
                state.pack_lots(),
                state.pack_waiting(),
                [key_of(who) for who in self.members],
            )
        return outcomes

    def _outcome(self, line: Line, state: State, done: Decisions, row: int) -> Outcome:
        plan = self.book.plans[self.book.at(line.day)]
        names, program = self.book.names, plan.program
        it = Outcome(program.units[0].id, entries=_entries(done, row))
        for number_, unit in enumerate(names.units):
            it.balance[unit] = int(done.balances[row, number_])
            it.waiting[unit] = int(done.pending[row, number_])
        moves = done.moves
        for place in (moves.event == row).nonzero()[0]:
            kind, unit = EntryKind(int(moves.kind[place])), names.units[int(moves.unit[place])]
            cut = Cut(int(moves.cut[place]))
            part = Part(abs(int(moves.points[place])), int(moves.raw[place]), CUTS.get(cut, ""))
            it.note(kind, unit, self._rule(moves, place), part, cut)
            if kind in (EntryKind.EARN, EntryKind.PEND, EntryKind.RELEASE) and moves.points[place]:
                it.until.add(int(moves.expires_on[place]))
                if restriction := int(moves.restriction[place]):
                    it.only.add(names.purposes[restriction - 1])
            if kind is EntryKind.PEND and moves.points[place]:
                it.waits.add(int(moves.release_on[place]))
        for place, move in enumerate(done.taken.move):
            if moves.event[move] == row and moves.kind[move] == EntryKind.REDEEM:
                it.taken.append(int(done.taken.expires_on[place]))
        member, day = np.array([self.members.index(line.who)]), np.array([line.day], np.int32)
        for track, tiers in enumerate((program.tiers, *program.tracks)):
            stand = standing(plan, state, member, day, track)
            name = "" if track == 0 else tiers.id  # type: ignore[union-attr]
            level = tiers.levels[int(stand.level[0])].id
            it.is_warned |= track == 0 and bool(stand.warn[0])
            it.tracks[name] = (level, day_words(int(stand.kept_through[0])), int(stand.figure[0]))
        if program.journey is not None:
            it.stage = program.journey.stages[int(done.stage[row])].id
            it.steps = {step: (done_, wanted) for _, step, done_, wanted in journey_of(plan, state, int(member[0]))}
        it.refusal = REFUSALS.get(Refusal(int(done.refusal[row])), "")
        it.qualifies = bool(done.qualified[row])
        return it

    def _rule(self, moves: object, place: int) -> str:
        rule, plan = int(moves.rule[place]), int(moves.plan[place])  # type: ignore[attr-defined]
        return "" if rule < 0 else self.book.plans[plan].program.rules[rule].id


def _count(line: Line) -> int:
    """How many an action stands for, as intake reads it."""
    count = line.fields.get("count", 1)
    return max(1, count) if isinstance(count, int) else 1


def day_words(day: int) -> str:
    """Say a last day."""
    return DAYS.get(day) or str(day_date(day))


def _entries(done: Decisions, row: int) -> tuple[object, ...]:
    moves, taken = done.moves, done.taken
    places = (moves.event == row).nonzero()[0]
    return (
        int(done.refusal[row]),
        done.balances[row].tolist(),
        done.pending[row].tolist(),
        int(done.level[row]),
        int(done.figure[row]),
        int(done.stage[row]),
        bool(done.qualified[row]),
        int(done.collect[row]),
        [
            tuple(int(getattr(moves, name)[place]) for name in ("kind", "unit", "restriction", "points", "expires_on",
                "release_on", "cause", "plan", "rule", "basis", "raw", "cut"))
            + tuple((int(taken.expires_on[at]), int(taken.points[at])) for at in (taken.move == place).nonzero()[0])
            for place in places
        ],
    )  # fmt: skip
