"""Several processes that replay shares side by side.

Always true: no process outlives the call; each sees the history as it lay in memory when it was made, and takes one piece of work after
the other. Whoever stops reading the answers stops the work.
"""

import contextlib
import multiprocessing
import os
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple, Self

import pyarrow as pa

from kizuna.core.errors import N_, Kind, Problem
from kizuna.engine import Plan
from kizuna.simulate.history import Shares
from kizuna.simulate.schema import Task
from kizuna.simulate.share import compiled_plan, decide_share


class BacktestBrokenOff(Problem):
    """A process of a back-test ended before its work was done."""

    code = "backtest_broken_off"
    kind = Kind.UNAVAILABLE
    title = N_("A process of the back-test ended before its work was done.")
    remedy = N_("Look whether the machine has enough memory, then run it again, perhaps over a shorter period.")


class Work(NamedTuple):
    """One share to be replayed by one task; `beside` are the others' claims."""

    task: int
    share: int
    beside: pa.Array | None = None


def cores() -> int:
    """Return how many processes this one may use at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """Processes that replay shares of one history. With one process or little to do, the caller's own does it."""

    def __init__(self, shares: Shares, tasks: Sequence[Task], processes: int) -> None:
        self._shares, self._tasks = shares, tasks
        known: dict[str, Plan] = {}
        self._plans = [known.get(one.program) or known.setdefault(one.program, compiled_plan(one)) for one in tasks]
        self._lanes: list[tuple[multiprocessing.process.BaseProcess, Connection]] = []
        self._processes = processes

    def __enter__(self) -> Self:
        if self._processes > 1:
            context = multiprocessing.get_context("fork")
            for _ in range(self._processes):
                mine, theirs = context.Pipe()
                process = context.Process(
                    target=self._serve, args=(theirs, [lane[1] for lane in self._lanes] + [mine]), daemon=True
                )
                process.start()
                theirs.close()
                self._lanes.append((process, mine))
        return self

    def __exit__(self, *_: object) -> None:
        for process, pipe in self._lanes:
            pipe.close()
            process.kill()
            process.join()
        self._lanes.clear()

    def results(self, work: Sequence[Work]) -> Iterator[tuple[Work, pa.Table]]:
        """Yield answers as they come. Raises `BacktestBrokenOff`."""
        if not self._lanes:
            for one in work:
                yield one, self._decide(one)
            return
        waiting = deque(work)
        busy: dict[Any, Work] = {}
        for _, lane in self._lanes:
            self._give(lane, waiting, busy)
        while busy:
            ready: list[Any] = wait(list(busy))
            for pipe in ready:
                try:
                    told = pipe.recv_bytes()
                except (EOFError, OSError) as fault:
                    raise BacktestBrokenOff from fault
                one = busy.pop(pipe)
                self._give(pipe, waiting, busy)
                yield one, pa.ipc.open_stream(told).read_all()

    def _give(self, pipe: Connection, waiting: deque[Work], busy: dict[Any, Work]) -> None:
        if waiting:
            busy[pipe] = one = waiting.popleft()
            with contextlib.suppress(BrokenPipeError):  # told when its answer is waited for
                pipe.send(one)

    def _serve(self, pipe: Connection, not_mine: Sequence[Connection]) -> None:
        """Do what comes through the pipe until it ends: in a process of its own."""
        for one in not_mine:
            one.close()
        pa.set_cpu_count(1)
        with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
            while True:
                answer = self._decide(pipe.recv())
                sink = pa.BufferOutputStream()
                with pa.ipc.new_stream(sink, answer.schema) as stream:
                    stream.write_table(answer)
                pipe.send_bytes(sink.getvalue())
        os._exit(0)

    def _decide(self, work: Work) -> pa.Table:
        return decide_share(
            self._shares.share(work.share),
            self._tasks[work.task],
            self._shares.keys,
            work.beside,
            self._plans[work.task],
        )
