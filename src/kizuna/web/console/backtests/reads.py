"""What the back-test studio asks of the rooms."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import Request

from kizuna import members, simulate
from kizuna.core.errors import N_, NotFound
from kizuna.program import Program, templates
from kizuna.publishing import read_draft
from kizuna.runtime import jobs
from kizuna.runtime.access import Session
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection
from kizuna.simulate import Asked, Design, Study, find_study, studies
from kizuna.web.console.backtests.forms import NAME_MAX, assumed
from kizuna.web.console.backtests.views import Beginnings, Line
from kizuna.web.console.desk.reads import job_view
from kizuna.web.console.desk.views import JobView
from kizuna.web.console.frame import session_of
from kizuna.web.requests import services
from kizuna.web.services import Desk
from kizuna.web.words import translate

LOOKS_MAX = 6
"""So many who gain most, and as many who lose most, are offered for a look."""
TOLD_MAX = 20
"""Of so many studies, the newest, the list tells the figures."""


async def whole(request: Request, number: str) -> tuple[Session, Desk, Study]:
    """Return who asks, the brand's desk, and a study. Raises `SignInNeeded`, `NotFound`, `Unavailable`."""
    session = await session_of(request)
    desk = await services(request).desk(session.brand)
    async with services(request).db.lend(desk.brand.schema) as conn:
        return session, desk, await find_study(conn, number_of(number))


def number_of(text: str) -> int:
    """Return the number in an address, 0 for what is none."""
    return int(text) if len(text) <= 18 and text.isascii() and text.isdecimal() else 0


def lang_of(session: Session, desk: Desk) -> str:
    """Return the language in which a candidate is named for somebody."""
    wish = session.preferences.get("language")
    return str(wish) if wish in desk.brand.languages else desk.brand.languages[0]


async def lines(conn: Connection, seen: datetime) -> list[Line]:
    """Return the studies, the newest of them with what they came to."""
    found = []
    for place, study in enumerate(await studies(conn)):
        is_told = study.ran_at is not None and place < TOLD_MAX
        result = (await find_study(conn, study.id)).result if is_told else None
        found.append(Line(study, result, await job_of(conn, study, seen)))
    return found


async def job_of(conn: Connection, study: Study, seen: datetime) -> JobView | None:
    """Return a study's newest run, None where there was none or it is long ago."""
    if study.job is None:
        return None
    try:
        return job_view(await jobs.find(conn, study.job), now(), seen)
    except NotFound:
        return None


async def story_job(conn: Connection, study: Study, member: str, seen: datetime) -> JobView | None:
    """Return the newest work on a member's story."""
    for job in await jobs.recent(conn):
        if job.kind == simulate.STORY and job.about == {"backtest": study.id, "member": member}:
            return job_view(job, now(), seen)
    return None


async def beginnings(conn: Connection, desk: Desk) -> Beginnings:
    """Return what a candidate may begin with."""
    await desk.book.refresh(conn)
    live = desk.book.plans[-1].version if desk.book.plans else None
    return Beginnings(live, await read_draft(conn) is not None)


async def begun(conn: Connection, desk: Desk, begin: str, lang: str, asked: Asked | None = None) -> Design:
    """Return a new candidate by where it begins: `live`, `draft`, `template:ID` or `copy:PLACE` of `asked`. Raises `NotFound`."""
    what, _, which = begin.partition(":")
    if what == "copy" and asked is not None and which.isdecimal() and int(which[:3]) < len(asked.designs):
        one = asked.designs[int(which[:3])]
        name = translate(lang, N_("{name} (copy)"), name=one.name[: NAME_MAX - 10])
        return one._replace(name=name)
    name, program = await _program(conn, desk, what, which, lang)
    behaviour = asked.designs[0].behaviour if asked is not None else assumed(program)
    return Design(name[:NAME_MAX], program, behaviour)


async def _program(conn: Connection, desk: Desk, what: str, which: str, lang: str) -> tuple[str, Program]:
    if what == "template":
        for template in templates():
            if template.id == which:
                return getattr(template.name, lang) or template.name.ja, template.document
    await desk.book.refresh(conn)
    if what == "live" and desk.book.plans:
        plan = desk.book.plans[-1]
        return translate(lang, N_("Program in force")), plan.program
    draft = await read_draft(conn) if what == "draft" else None
    if draft is not None:
        return translate(lang, N_("The draft")), draft.document
    raise NotFound(what="program", key=f"{what}:{which}" if which else what)


async def identity_of(conn: Connection, brand: Brand, study: Study, typed: str) -> str:
    """Return the identity by which a study's history knows whom somebody typed; as typed where nobody is found."""
    source = study.asked.source
    if source.is_file:
        kind = _kind(source.columns or {})
        return typed if ":" in typed or not kind else f"{kind}:{typed}"
    if typed.startswith("member:"):
        return typed
    found = await members.first_found(conn, typed, brand.country, limit=1)
    return f"member:{found[0].hex()}" if found else typed


def _kind(columns: Mapping[str, object]) -> str:
    """Return what the member column of a file holds."""
    named = columns.get("columns")
    member = named.get("member") if isinstance(named, Mapping) else None
    return str(member.get("kind", "")) if isinstance(member, Mapping) else ""


def candidates(study: Study) -> Sequence[tuple[str, str]]:
    """Return the members worth a look: those who gain and lose most, by identity and which way it goes."""
    found: dict[str, dict[str, None]] = {"up": {}, "down": {}}
    for one in (study.result or {}).get("winners", ()):
        for row in (*one["most"], *one["least"]):
            way = "up" if row["after"] > row["before"] else "down"
            if row["member"] not in found["up"] | found["down"] and len(found[way]) < LOOKS_MAX:
                found[way][row["member"]] = None
    return [(identity, way) for way, identities in found.items() for identity in identities]
