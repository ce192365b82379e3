"""A back-test: designs over a history, share by share, with progress, until everything that members share is settled.

Always true: the result depends on the history and the design alone: not on the number of shares, processes or designs beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from kizuna.program import Campaign, Program
from kizuna.simulate.behaviour import NEVER, Behaviour
from kizuna.simulate.history import History, Shares, divide
from kizuna.simulate.pool import Pool, Work, cores
from kizuna.simulate.schema import Task
from kizuna.simulate.settling import NONE, others, wrong

AT_ONCE = 400_000
"""About so many rows are replayed together: many for the engine's columns, few enough for memory, progress and both cores."""
SETTLED_AFTER = 12
"""After so many rounds what is not settled yet is decided in one piece."""
DRAWS = 16


class Design(NamedTuple):
    """A candidate: a program, and who is assumed to redeem when."""

    name: str
    program: Program
    behaviour: Behaviour = NEVER


class Step(NamedTuple):
    """How far a back-test has come: shares decided, of how many that are known to be needed."""

    done: int
    of: int


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a design came to, in one draw: everything of `share.OUT`, of all shares together."""

    sums: pa.StructArray
    members: pa.StructArray
    entries: pa.StructArray


@dataclass(frozen=True, slots=True)
class Played:
    """A design, its answers by draw (one where chance has no part in it), and the stretch of days."""

    design: Design
    answers: Sequence[Answer]
    since: int
    until: int
    members: pa.Array
    """The identities behind the members' codes."""


def play(
    history: History,
    designs: Sequence[Design],
    zone: ZoneInfo,
    *,
    since: int | None = None,
    until: int | None = None,
    processes: int | None = None,
    shares: int | None = None,
    draws: int = DRAWS,
    entries: bool = False,
    only: int | None = None,
    progress: Progress = lambda _: None,
) -> list[Played]:
    """Replay `history` by each design. Raises `HistoryEmpty`, `BacktestBrokenOff`, and what `progress` raises to stop it.

    `entries` asks for every movement, `only` for those of one member. The last day is `until`, or that of the last row.
    """
    processes = cores() if processes is None else processes
    lots = any(draws_lots(design.program) for design in designs)
    divided = divide(history, zone, shares or _shares(len(history), processes), since, until, keys=lots)
    last = divided.last_day if until is None else until
    tasks = [
        Task(design.program.model_dump_json(), last, design.behaviour, draw, entries, only)
        for design in designs
        for draw in range(draws if design.behaviour.is_drawn else 1)
    ]
    alone = processes == 1 or len(divided) * len(tasks) == 1
    with Pool(divided, tasks, 1 if alone else min(processes, len(divided) * len(tasks))) as pool:
        answers = _settled(pool, divided, tasks, progress)
    made = iter(_redecided(answers, history, tasks, zone, (since, until), lots=lots))
    return [
        Played(
            design,
            [next(made) for _ in range(draws if design.behaviour.is_drawn else 1)],
            divided.first_day if since is None else since,
            last,
            divided.members,
        )
        for design in designs
    ]


def draws_lots(program: Program) -> bool:
    """Tell whether a program leaves members out by lot, so that who they are matters."""
    return any(isinstance(rule, Campaign) and rule.holdout_percent for rule in program.rules)


def _shares(rows: int, processes: int) -> int:
    return max(processes, -(-rows // AT_ONCE))


def _settled(pool: Pool, divided: Shares, tasks: Sequence[Task], progress: Progress) -> list[Answer | None]:
    """Decide every share by every task until no claim was decided wrongly; None for a task that does not come to rest."""
    size = len(divided)
    found: list[list[pa.Table | None]] = [[None] * size for _ in tasks]
    told: list[list[pa.StructArray | None]] = [[None] * size for _ in tasks]
    work = [Work(task, share) for task in range(len(tasks)) for share in range(size)]
    done, of = 0, len(work)
    for _ in range(SETTLED_AFTER):
        for one, answer in pool.results(work):
            found[one.task][one.share] = answer
            done += 1
            progress(Step(done, of))
        work = list(_again(found, told))
        of += len(work)
        if not work:
            break
    restless = {one.task for one in work}
    return [None if task in restless else _joined(parts) for task, parts in enumerate(found)]


def _again(found: Sequence[Sequence[pa.Table | None]], told: list[list[pa.StructArray | None]]) -> Iterator[Work]:
    """Yield what has to be decided again, now told what the other shares use up."""
    for task, parts in enumerate(found):
        claims = [_struct(part, "claims") for part in parts if part is not None]
        if len(claims) < 2 or not any(len(one) for one in claims):
            continue
        for share in wrong(claims, told[task]):
            told[task][share] = others(claims, share)
            yield Work(task, share, told[task][share])


def _redecided(
    answers: Sequence[Answer | None], history: History, tasks: Sequence[Task], zone: ZoneInfo,
    days: tuple[int | None, int | None], *, lots: bool,
) -> Iterator[Answer]:  # fmt: skip
    """Yield the answers; those that did not come to rest are decided in one piece."""
    whole: Shares | None = None
    for answer, task in zip(answers, tasks, strict=True):
        if answer is not None:
            yield answer
            continue
        whole = whole or divide(history, zone, 1, *days, keys=lots)
        with Pool(whole, [replace(task)], 1) as pool:
            for _, table in pool.results([Work(0, 0)]):
                yield _joined([table])


def _joined(parts: Sequence[pa.Table | None]) -> Answer:
    there = [part for part in parts if part is not None]
    return Answer(
        *(pa.concat_arrays([_struct(part, name) for part in there]) for name in ("sums", "members", "entries"))
    )


def _struct(part: pa.Table, name: str) -> pa.StructArray:
    flat = [chunk.flatten() for chunk in part[name].chunks]
    return pa.concat_arrays(flat) if flat else NONE
