"""One member under each design: every movement with its day, its rule and the balance after it."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from kizuna.core.errors import NotFound
from kizuna.engine import Cut, EntryKind
from kizuna.simulate.history import History
from kizuna.simulate.rows import END
from kizuna.simulate.run import Answer, Design, play

MOVES_MAX = 500


def stories(
    history: History, designs: Sequence[Design], zone: ZoneInfo, member: str, *, since: int | None = None, until: int | None = None
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the story of a member (an identity of the history) under each design. Raises `NotFound`.

    Where members share figures the whole history is replayed, so that the member meets budgets as they were left by the others.
    """
    words = history.table["member"].unify_dictionaries().chunk(0).dictionary
    code = words.index(member).as_py()
    if code < 0:
        raise NotFound(what="member", key=member)
    played = play(history, designs, zone, since=since, until=until, draws=1, only=code)
    return [{"design": one.design.name, **_told(one.answers[0], one.design, code)} for one in played]


def _told(answer: Answer, design: Design, code: int) -> dict[str, Any]:
    members = answer.members
    mine = int(np.flatnonzero(members.field("member").to_numpy() == code)[0])
    levels = design.program.tiers.levels
    rows = pa.Table.from_struct_array(answer.entries).to_pylist()
    return {
        "end": {**members[mine].as_py(), "level": levels[members[mine]["level"].as_py()].id},
        "moves": [_move(row, design) for row in rows[-MOVES_MAX:]],
        "moves_all": len(rows),
    }


def _move(row: dict[str, Any], design: Design) -> dict[str, Any]:
    rules = design.program.rules
    return {
        "day": str(np.datetime64(row["day"], "D")),
        "kind": EntryKind(row["kind"]).name.lower(),
        "unit": design.program.units[row["unit"]].id,
        "points": row["points"],
        "rule": rules[row["rule"]].id if row["rule"] >= 0 else None,
        "basis": row["basis"],
        "cut": Cut(row["cut"]).name.lower() if row["cut"] else None,
        "balance": row["balance"],
        "level": design.program.tiers.levels[row["level"]].id,
        "by_time": row["at"] >= END,
    }
