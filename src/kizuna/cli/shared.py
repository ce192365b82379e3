"""What commands share: reaching the database, showing facts, telling progress."""

import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click

from kizuna.core.errors import N_, Kind, Problem
from kizuna.runtime.settings import Settings

if TYPE_CHECKING:
    from kizuna.program import DocumentInvalid

T = TypeVar("T")


class FileUnwritable(Problem):
    """What a command was asked to write cannot be written there."""

    code = "file_unwritable"
    kind = Kind.INVALID
    title = N_("{file} cannot be written: {reason}.")
    remedy = N_("Name a place that is there and may be written to, on a disk with room.")


def with_db(settings: Settings, story: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """Run `story(db)` on the database, started and migrated."""
    from kizuna.runtime.server import prepare, reach

    server = reach(settings)

    async def run() -> T:
        db = await prepare(settings, server)
        try:
            return await story(db)
        finally:
            await db.close()

    return run_loop(run())


def run_loop(story: Coroutine[Any, Any, T]) -> T:
    """Run an async story to its end."""
    import uvloop

    return uvloop.run(story)


brand_option = click.option("--brand", "slug", envvar="KIZUNA_BRAND", required=True, help="The brand's short name.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def show(facts: dict[str, Any], *, as_json: bool) -> None:
    """Print facts: one line each for a person, or one line of JSON."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
        click.echo(f"{name.replace('_', ' '):<{width}}  {shown}")


class Line:
    """One line of progress on standard error while a person watches; silent otherwise."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.say("")

    def say(self, text: str) -> None:
        """Replace the line."""
        if self._watched:
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)


def read_text(file: Path, invalid: "type[DocumentInvalid] | None" = None) -> str:
    """Return a document's text. Raises `invalid` (without one `ProgramInvalid`) for a file that is not UTF-8."""
    from kizuna.program import NOT_UTF8, ProgramInvalid

    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise (invalid or ProgramInvalid)([NOT_UTF8.at("document", byte=str(fault.start))]) from fault


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Say what is wrong with a place where a file or a folder cannot be written. Raises `FileUnwritable`."""
    try:
        yield
    except OSError as fault:
        raise FileUnwritable(file=place, reason=fault.strerror or str(fault)) from fault


def check_writable(file: Path) -> None:
    """Refuse a file that cannot be written, before the work that would fill it; nothing stays. Raises `FileUnwritable`."""
    with writing(file):
        is_new = not file.exists()
        file.open("a").close()
        if is_new:
            file.unlink()
