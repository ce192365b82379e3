"""A back-test in a process of its own: asked through a folder, told line by line on standard output.

The folder holds `history.arrow` (a table by `SCHEMA`) and `request.json`; at the end `result.json`, or `problem.json` with what a
person has to do. Whoever waits for it may end it at any time.
"""

import json
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from kizuna.core.errors import Problem
from kizuna.core.kept import facts_of
from kizuna.program import from_published
from kizuna.simulate.behaviour import behaviour_of
from kizuna.simulate.compare import variation, winners
from kizuna.simulate.fitting import fit
from kizuna.simulate.grid import variants
from kizuna.simulate.history import History
from kizuna.simulate.result import in_grid, told
from kizuna.simulate.run import Design, Step, play
from kizuna.simulate.schema import HISTORY, PROBLEM, REQUEST, RESULT
from kizuna.simulate.story import stories
from kizuna.simulate.study import axes_of


def main(folder: Path) -> None:
    """Do what the folder asks for."""
    asked = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    with pa.memory_map(str(folder / HISTORY)) as source:
        history = History(pa.ipc.open_file(source).read_all(), asked["name"])
    try:
        name, answer = RESULT, _done(history, asked)
    except Problem as problem:
        name, answer = PROBLEM, facts_of(problem)
    (folder / name).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


def _done(history: History, asked: dict[str, Any]) -> dict[str, Any]:
    zone = ZoneInfo(asked["zone"])
    designs = [
        Design(one["name"], from_published(one["program"]), behaviour_of(one["behaviour"])) for one in asked["designs"]
    ]
    if asked["is_fitted"]:
        behaviour = fit(history, designs[0].program if asked["live"] is None else from_published(asked["live"]), zone)
        designs = [one._replace(behaviour=behaviour) for one in designs]
    days = {"since": asked["since"], "until": asked["until"]}
    if asked["member"] is not None:
        return {"story": stories(history, designs, zone, asked["member"], **days)}
    axes = axes_of(asked)
    grid = variants(designs[0], axes) if axes else []
    played = play(history, [*designs, *(one for _, one in grid)], zone, progress=_tell, **days)
    first, *others = played[: len(designs)]
    results = [told(one, asked["margin"]) for one in played]
    return {
        "results": results[: len(designs)],
        "grid": in_grid(axes, [values for values, _ in grid], results[len(designs) :]),
        "winners": [winners(first, one) for one in others],
        "variation": variation(history, first),
        "history": {"name": history.name, "rows": len(history)},
    }


def _tell(step: Step) -> None:
    sys.stdout.write(f"{json.dumps([step.done, step.of])}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
