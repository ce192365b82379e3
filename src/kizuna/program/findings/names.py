"""Ids: each stands once among its kind."""

from collections.abc import Iterable, Iterator

from kizuna.core.errors import N_
from kizuna.program.faults import Fault, Sort
from kizuna.program.findings.known import Known
from kizuna.program.tiers import Tiers

TWICE = Sort(
    "id_twice",
    N_("The id “{id}” stands twice: something before this one has it already."),
    N_("Give this one an id of its own; its name may stay."),
)
CHANNEL_TAKEN = Sort(
    "field_known",
    N_("Every event has a field “{id}” already."),
    N_("Take this field away; the channel and the store are there without it."),
)


def check(known: Known) -> Iterator[Fault]:
    """Find ids that stand twice. Rules and campaigns share one list, and so do the steps of all stages."""
    program = known.program
    for name in ("units", "purposes", "segments", "tracks", "groups"):
        yield from _twice((f"{name}.{at}.id", one.id) for at, one in enumerate(getattr(program, name)))
    yield from _twice((f"{place}.id", rule.id) for place, rule in known.rules)
    yield from _twice((f"charities.{at}.id", one.id) for at, one in enumerate(program.charities))
    yield from _twice((f"adjustments.reasons.{at}.id", one.id) for at, one in enumerate(program.adjustments.reasons))
    tracks: list[tuple[str, Tiers]] = [("tiers", program.tiers)]
    tracks += [(f"tracks.{at}", track) for at, track in enumerate(program.tracks)]
    for place, tiers in tracks:
        yield from _twice((f"{place}.levels.{at}.id", level.id) for at, level in enumerate(tiers.levels))
    yield from _twice((f"event_types.{at}.type", one.type) for at, one in enumerate(program.event_types))
    for at, declared in enumerate(program.event_types):
        fields = [(f"event_types.{at}.fields.{number}.id", one.id) for number, one in enumerate(declared.fields)]
        yield from _twice(fields)
        yield from (CHANNEL_TAKEN.at(place, id=id_) for place, id_ in fields if id_ in {"channel", "store"})
    if program.journey is not None:
        stages = list(enumerate(program.journey.stages))
        yield from _twice((f"journey.stages.{at}.id", stage.id) for at, stage in stages)
        yield from _twice(
            (f"journey.stages.{at}.steps.{number}.id", step.id)
            for at, stage in stages
            for number, step in enumerate(stage.steps)
        )


def _twice(ids: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, id_ in ids:
        if id_ in seen:
            yield TWICE.at(place, id=id_)
        seen.add(id_)
