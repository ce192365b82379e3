"""Program documents."""

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from kizuna.cli.shared import brand_option, json_option, read_text, show, with_db
from kizuna.runtime.settings import Settings


@click.group()
def program() -> None:
    """Check and publish program documents."""


@program.command("validate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lang", type=click.Choice(["ja", "en"]), default="en", help="In which language faults are told.")
@json_option
def program_validate(file: Path, lang: str, *, as_json: bool) -> None:
    """Check a document and list every fault with its place and what to do. Warnings refuse nothing."""
    from kizuna.program import Examined, ProgramInvalid, examine

    try:
        examined = examine(read_text(file))
    except ProgramInvalid as unreadable:
        examined = Examined(None, tuple(unreadable.faults))
    good = examined.program is not None
    if as_json:
        faults = [_plain(fault, lang) for fault in examined.faults]
        click.echo(json.dumps({"ok": good, "file": str(file), "faults": faults}, ensure_ascii=False))
    else:
        _tell_faults(file, examined.faults, lang)
        if good:
            show({"ok": True, "file": str(file)}, as_json=False)
    sys.exit(0 if good else 1)


def _plain(fault: Any, lang: str) -> dict[str, str]:
    """Return a fault for programs, its words in `lang`."""
    from kizuna.web.tell import tell

    said = {name: tell(getattr(fault, name), "", lang) for name in ("where", "reason", "remedy")}
    return {"place": fault.place, "severity": fault.severity.value, "code": fault.code, **said}


def _tell_faults(file: Path, faults: Iterable[Any], lang: str) -> None:
    """Print faults for a person, on standard error."""
    from kizuna.core.errors import N_
    from kizuna.web.words import translate

    words = {"error": N_("error"), "warning": N_("warning")}
    for fault in faults:
        said = _plain(fault, lang)
        click.echo(f"{file}: {translate(lang, words[said['severity']])}: {said['where']} ({said['place']})", err=True)
        click.echo(f"    {said['reason']}\n    {said['remedy']}", err=True)


@program.command("schema")
def program_schema() -> None:
    """Print the JSON Schema of program documents."""
    from kizuna.program import Program

    click.echo(json.dumps(Program.model_json_schema(), indent=2, ensure_ascii=False))


@program.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--note", default="", help="What changed, for the history.")
@click.option("--effective", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="When it begins; default now.")
@brand_option
@click.pass_obj
def program_publish(settings: Settings, file: Path, slug: str, note: str, effective: datetime | None) -> None:
    """Publish a document as the next version."""
    from kizuna.program import examine, parse
    from kizuna.publishing import publish
    from kizuna.runtime.brands import get_brand

    document = parse(read_text(file))
    _tell_faults(file, examine(document).faults, "en")

    async def story(db: Any) -> int:
        return await publish(db, await get_brand(db, slug), document, effective_at=effective, note=note)

    click.echo(f"Published as version {with_db(settings, story)}.")
