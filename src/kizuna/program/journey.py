"""The staged journey: newcomer → customer → fan → ambassador. Which steps a member has done, and which is next.

A step is done when its rule has spoken (its event met all its conditions, and its goal if it has one) `times` times. A stage is
left for the next one when `needs` of its steps are done (all of them where it is left out). The last stage has no end.
"""

from typing import Annotated

from pydantic import Field

from kizuna.program.base import Id, Strict, Text


class Step(Strict):
    """Something that a member does. What it earns is what its rule gives."""

    id: Id
    name: Text
    rule: Id
    times: Annotated[int, Field(ge=1, le=1_000)] = 1


class Stage(Strict):
    """Where a member stands in the journey."""

    id: Id
    name: Text
    steps: Annotated[list[Step], Field(max_length=20)] = []
    needs: Annotated[int, Field(ge=1, le=20)] | None = None


class Journey(Strict):
    """Stages in their order; everybody begins at the first."""

    stages: Annotated[list[Stage], Field(min_length=2, max_length=12)]
