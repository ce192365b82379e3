"""What the program's page asks of the rooms."""

import yaml

from kizuna.core.errors import NotFound
from kizuna.program import Program
from kizuna.publishing import versions
from kizuna.runtime.db import Connection
from kizuna.web.console.program.views import ProgramView, VersionLine
from kizuna.web.reads import Reader


async def program_view(reader: Reader, conn: Connection, number: int | None = None) -> ProgramView:
    """Return the program in force, or the version `number`. Raises `NothingPublished`, `NotFound`."""
    in_force = reader.plan.version
    published = await versions(conn)
    wanted = in_force if number is None else number
    shown = next((one for one in published if one.number == wanted), None)
    if shown is None:
        raise NotFound(what="program", key=str(number))
    lines = [
        VersionLine(one.number, one.effective_at, one.published_at, one.note, one.number == in_force)
        for one in published
    ]
    return ProgramView(shown.document, shown.number, lines, text_of(shown.document))


def text_of(program: Program) -> str:
    """Return a program as the document that “kizuna program publish” takes."""
    raw = program.model_dump(mode="json", exclude_none=True)
    text: str = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=120)
    return text
