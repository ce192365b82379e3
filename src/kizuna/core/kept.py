"""Problems that are kept: as small facts that a database holds, and back, so that every face says them in its language. Pure."""

from collections.abc import Mapping
from typing import Any

from kizuna.core.errors import Kind, Problem


def facts_of(problem: Problem) -> dict[str, Any]:
    """Return a problem as it is kept: its code, its message ids and the facts that fill them."""
    facts = {name: fact if isinstance(fact, str | int | bool) else str(fact) for name, fact in problem.facts.items()}
    about = {"code": problem.code, "kind": problem.kind.value, "title": problem.title, "remedy": problem.remedy}
    return {**about, "field": problem.field, "facts": facts}


def problem_of(facts: Mapping[str, Any]) -> Problem:
    """Return a problem that was kept."""
    words = {name: facts[name] for name in ("code", "title", "remedy")}
    kept: type[Problem] = type("KeptProblem", (Problem,), {**words, "kind": Kind(facts["kind"])})
    return kept(field=facts["field"], **facts["facts"])
