"""From decisions to answers: what each event is told, and what is kept to tell it again. Pure."""

from kizuna.engine import Decisions, EntryKind
from kizuna.intake.loading import Loaded
from kizuna.intake.model import Move, Outcome

_BY_TIME = (EntryKind.EXPIRE, EntryKind.RELEASE)


def outcomes_of(loaded: Loaded, decisions: Decisions) -> list[Outcome]:
    """Return the answer of each event, in their order."""
    told, causes, members = loaded.batch.told, loaded.causes, loaded.ledgers.members
    moves_of: list[list[Move]] = [[] for _ in told]
    points_of = [0] * len(told)
    moves = decisions.moves
    for event, plan, *facts in zip(
        moves.event.tolist(), moves.plan.tolist(), moves.kind.tolist(), moves.points.tolist(), moves.expires_on.tolist(),
        moves.rule.tolist(), moves.basis.tolist(), moves.unit.tolist(), moves.restriction.tolist(), moves.raw.tolist(),
        moves.cut.tolist(), moves.release_on.tolist(), strict=True,
    ):  # fmt: skip
        move = Move._make((*facts, plan + 1, None))
        moves_of[event].append(move)
        if not move.unit and move.kind not in _BY_TIME:
            points_of[event] += move.points
    columns = zip(
        decisions.refusal.tolist(),
        decisions.balances.tolist(),
        decisions.pending.tolist(),
        decisions.level_before.tolist(),
        decisions.level.tolist(),
        decisions.figure.tolist(),
        decisions.stage.tolist(),
        decisions.collect.tolist(),
        strict=True,
    )
    return [
        Outcome(
            event_key=arrival.event_key,
            member=members[cause.row],
            version=cause.version,
            refusal=refusal,
            points=points,
            balance=balances[0],
            level_before=level_before,
            level=level,
            spend=figure,
            day=arrival.day,
            moves=moved,
            balances=balances,
            pending=pending,
            stage=stage,
            collect=collect,
        )
        for arrival, cause, points, moved, (
            refusal, balances, pending, level_before, level, figure, stage, collect,
        ) in zip(told, causes, points_of, moves_of, columns, strict=False)  # past orders stand behind the events
    ]  # fmt: skip
