"""Program documents."""

import json
import sys
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
@json_option
def program_validate(file: Path, *, as_json: bool) -> None:
    """Check a document and list every fault with its place."""
    from kizuna.program import ProgramInvalid, parse

    try:
        parse(read_text(file))
    except ProgramInvalid as invalid:
        faults = [{"place": fault.place, "message": fault.message} for fault in invalid.faults]
        if as_json:
            click.echo(json.dumps({"ok": False, "faults": faults}, ensure_ascii=False))
        else:
            for fault in faults:
                click.echo(f"{file}: {fault['place']}: {fault['message']}", err=True)
        sys.exit(1)
    show({"ok": True, "file": str(file)}, as_json=as_json)


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
    from kizuna.program import parse
    from kizuna.publishing import publish
    from kizuna.runtime.brands import get_brand

    document = parse(read_text(file))

    async def story(db: Any) -> int:
        return await publish(db, await get_brand(db, slug), document, effective_at=effective, note=note)

    click.echo(f"Published as version {with_db(settings, story)}.")
