"""Problems over HTTP: RFC 9457 problem details, in the caller's language."""

import logging
import secrets
from typing import Any

import msgspec

from kizuna.core.errors import N_, Kind, Problem, Unavailable
from kizuna.web.words import problem_text

STATUS = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.INVALID: 422,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}
_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class RequestInvalid(Problem):
    """A parameter of a request cannot be used."""

    code = "request_invalid"
    kind = Kind.INVALID
    title = N_("The parameter {parameter} cannot be used: {reason}.")
    remedy = N_("Correct it; /openapi.json describes every parameter.")


class BodyTooLarge(Problem):
    """A request body over the limit."""

    code = "body_too_large"
    kind = Kind.TOO_LARGE
    title = N_("This request is larger than {limit_bytes} bytes.")
    remedy = N_("Split it into smaller requests; nothing was recorded.")


class MethodNotAllowed(Problem):
    """The address exists, the method does not."""

    code = "method_not_allowed"
    kind = Kind.NOT_FOUND
    title = N_("This address does not take {method} requests.")
    remedy = N_("See /openapi.json for the methods that it takes.")


class Faulty(Problem):
    """A mistake of ours. The log has it under `trace`."""

    code = "faulty"
    kind = Kind.UNAVAILABLE
    title = N_("Something went wrong on our side; it is in the log as {trace}.")
    remedy = N_("Send the same request again: what was recorded already is not recorded twice.")


class ProblemAnswer(msgspec.Struct, omit_defaults=True):
    """RFC 9457 problem details. `code` is stable; `field` is a path; `remedy` says what to do next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    field: str | None = None
    facts: dict[str, Any] = {}


def answer(problem: Problem, lang: str) -> ProblemAnswer:
    """Return a problem as it is sent."""
    text = problem_text(problem, lang)
    return ProblemAnswer(
        type=f"urn:kizuna:problem:{problem.code}",
        title=problem.code.replace("_", " ").capitalize(),
        status=status(problem),
        detail=text.title,
        code=problem.code,
        remedy=text.remedy,
        field=problem.field,
        facts={name: fact for name, fact in problem.facts.items() if isinstance(fact, str | int | bool)},
    )


def status(problem: Problem) -> int:
    """Return a problem's HTTP status."""
    return 405 if isinstance(problem, MethodNotAllowed) else STATUS[problem.kind]


def log_fault(fault: BaseException) -> str:
    """Log a mistake of ours whole, and return the trace under which it is found."""
    trace = secrets.token_hex(4)
    _log.error("trace %s", trace, exc_info=fault)
    return trace


def headers(problem: Problem) -> dict[str, str]:
    """Return the headers that a problem brings with it."""
    if isinstance(problem, Unavailable):
        return {"retry-after": str(problem.retry_after_s)}
    if problem.kind is Kind.UNAVAILABLE:
        return {"retry-after": "5"}
    if isinstance(problem, MethodNotAllowed):
        return {"allow": str(problem.facts["allowed"])}
    if problem.kind is Kind.TOO_LARGE:
        return {"connection": "close"}  # the rest of the body is not read, so that nothing can follow it
    if problem.kind is Kind.UNAUTHENTICATED:
        return {"www-authenticate": 'Bearer realm="kizuna"'}
    return {}
