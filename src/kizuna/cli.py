"""The command line: `kizuna …`. Every command prints what it did, or what is wrong and what to do; `--json` for programs.

Exit codes: 0 done, 1 a problem that the message explains, 2 wrong usage.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

import click

from kizuna.core.errors import Problem
from kizuna.runtime.settings import Settings

T = TypeVar("T")


class Kizuna(click.Group):
    """The root group: a problem becomes two sentences and exit code 1, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            _fail(problem)


def _fail(problem: Problem) -> NoReturn:
    click.echo(f"kizuna: {problem}", err=True)
    sys.exit(1)


@click.group(cls=Kizuna)
@click.version_option(package_name="kizuna")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Kizuna (絆): customer loyalty that counts every point once."""
    settings = Settings.load()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    ctx.obj = settings


def _with_db(settings: Settings, story: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """Run `story(db)` on the database, started and migrated."""
    from kizuna.runtime.server import prepare, reach

    server = reach(settings)

    async def run() -> T:
        db = await prepare(settings, server)
        try:
            return await story(db)
        finally:
            await db.close()

    return _loop(run())


def _loop(story: Coroutine[Any, Any, T]) -> T:
    import uvloop

    return uvloop.run(story)


brand_option = click.option("--brand", "slug", envvar="KIZUNA_BRAND", required=True, help="The brand's short name.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def _show(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
        click.echo(f"{name.replace('_', ' '):<{width}}  {shown}")


# Serving


@main.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve the API, the console and My Page."""
    from kizuna.app import serve as serve_site
    from kizuna.runtime.server import reach

    _loop(serve_site(settings, reach(settings)))


@main.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """Follow the outbox: everything that happens after a commit."""
    from kizuna.app import run_worker
    from kizuna.runtime.server import reach

    _loop(run_worker(settings, reach(settings)))


@main.command()
@click.option("--serve/--no-serve", "serving", default=True, help="Serve until Ctrl-C after setting up.")
@click.pass_obj
def demo(settings: Settings, *, serving: bool) -> None:
    """Bring up a shop with a real year of purchases, and show it."""
    from kizuna.demo import run

    run(settings, serving=serving)


# The database


@main.group()
def db() -> None:
    """Look after the database."""


@db.command("start")
@click.pass_obj
def db_start(settings: Settings) -> None:
    """Start the embedded server, or find it running."""
    from kizuna.runtime.server import reach

    reach(settings)
    click.echo("The database is running.")


@db.command("stop")
@click.pass_obj
def db_stop(settings: Settings) -> None:
    """Stop the embedded server; its data stays."""
    from kizuna.runtime.postgres import EmbeddedPostgres

    EmbeddedPostgres(settings.home, settings.embedded_port).stop()
    click.echo("The database is stopped.")


@db.command("status")
@json_option
@click.pass_obj
def db_status(settings: Settings, *, as_json: bool) -> None:
    """Say whether the embedded server answers."""
    from dataclasses import asdict

    from kizuna.runtime.postgres import EmbeddedPostgres

    status = EmbeddedPostgres(settings.home, settings.embedded_port).status()
    _show(
        {name: str(value) if isinstance(value, Path) else value for name, value in asdict(status).items()},
        as_json=as_json,
    )


@db.command("url")
@click.pass_obj
def db_url(settings: Settings) -> None:
    """Print the database's address, with its password."""
    from kizuna.runtime.server import reach

    click.echo(reach(settings).locate())


@db.command("migrate")
@click.pass_obj
def db_migrate(settings: Settings) -> None:
    """Bring every schema to the newest revision."""
    from kizuna.runtime.brands import all_brands

    brands = _with_db(settings, all_brands)
    click.echo(f"The platform and {len(brands)} brand(s) are at the newest revision.")


# Brands and who may come in


@main.group()
def brand() -> None:
    """Make brands."""


@brand.command("create")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--currency", default="JPY", show_default=True)
@click.option("--timezone", default="Asia/Tokyo", show_default=True)
@click.option("--country", default="JP", show_default=True)
@click.option("--languages", default="ja,en", show_default=True)
@click.pass_obj
def brand_create(
    settings: Settings, slug: str, name: str, currency: str, timezone: str, country: str, languages: str
) -> None:
    """Make a brand with a schema of its own."""
    from kizuna.runtime.brands import Brand, create_brand

    made = Brand(slug, name, currency, timezone, country, tuple(languages.split(",")))
    _with_db(settings, lambda db: create_brand(db, made))
    click.echo(f"The brand {slug} is ready. Next: kizuna program publish FILE --brand {slug}")


@brand.command("list")
@json_option
@click.pass_obj
def brand_list(settings: Settings, *, as_json: bool) -> None:
    """List the brands."""
    from kizuna.runtime.brands import all_brands

    for one in _with_db(settings, all_brands):
        _show({"slug": one.slug, "name": one.name, "currency": one.currency, "timezone": one.timezone}, as_json=as_json)


@main.group()
def owner() -> None:
    """Make the people of the console."""


@owner.command("create")
@click.option("--email", required=True)
@click.password_option(envvar="KIZUNA_OWNER_PASSWORD", help="At least 12 characters; asked for when not given.")
@brand_option
@click.pass_obj
def owner_create(settings: Settings, slug: str, email: str, password: str) -> None:
    """Make a brand's owner, who signs in to the console."""
    from kizuna.runtime.access import create_owner
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> None:
        await create_owner(db, (await get_brand(db, slug)).slug, email, password)

    _with_db(settings, story)
    click.echo(f"{email} can sign in at {settings.public_url}/console/sign-in")


@owner.command("password")
@click.option("--email", required=True)
@click.password_option(envvar="KIZUNA_OWNER_PASSWORD", help="At least 12 characters; asked for when not given.")
@click.pass_obj
def owner_password(settings: Settings, email: str, password: str) -> None:
    """Give an owner another password and end every session."""
    from kizuna.core.errors import NotFound
    from kizuna.runtime.access import reset_password

    if not _with_db(settings, lambda db: reset_password(db, email, password)):
        raise NotFound(what="user", key=email)
    click.echo(f"{email} has another password; every session has ended.")


@main.group()
def key() -> None:
    """Make and revoke API keys."""


@key.command("create")
@click.option("--name", required=True, help="Whose key it is, such as “till 3”.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(["events:write", "members:read"]), required=True)
@brand_option
@click.pass_obj
def key_create(settings: Settings, slug: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key and print it, once."""
    from kizuna.runtime.access import Scope, create_key
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> str:
        return await create_key(db, (await get_brand(db, slug)).slug, name, [Scope(scope) for scope in scopes])

    click.echo(_with_db(settings, story))


@key.command("list")
@brand_option
@json_option
@click.pass_obj
def key_list(settings: Settings, slug: str, *, as_json: bool) -> None:
    """List a brand's keys, without their secrets."""
    from kizuna.runtime.access import list_keys
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> list[Any]:
        return await list_keys(db, (await get_brand(db, slug)).slug)

    for row in _with_db(settings, story):
        _show({**row, "scopes": " ".join(row["scopes"])}, as_json=as_json)


@key.command("revoke")
@click.argument("key_id")
@click.pass_obj
def key_revoke(settings: Settings, key_id: str) -> None:
    """End a key; within seconds nothing comes in with it."""
    from kizuna.core.errors import NotFound
    from kizuna.runtime.access import revoke_key

    if not _with_db(settings, lambda db: revoke_key(db, key_id)):
        raise NotFound(what="key", key=key_id)
    click.echo(f"The key {key_id} is revoked.")


# Programs


@main.group()
def program() -> None:
    """Check and publish program documents."""


@program.command("validate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def program_validate(file: Path, *, as_json: bool) -> None:
    """Check a document and list every fault with its place."""
    from kizuna.program import ProgramInvalid, parse

    try:
        parse(_text(file))
    except ProgramInvalid as invalid:
        faults = [{"place": fault.place, "message": fault.message} for fault in invalid.faults]
        if as_json:
            click.echo(json.dumps({"ok": False, "faults": faults}, ensure_ascii=False))
        else:
            for fault in faults:
                click.echo(f"{file}: {fault['place']}: {fault['message']}", err=True)
        sys.exit(1)
    _show({"ok": True, "file": str(file)}, as_json=as_json)


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

    document = parse(_text(file))

    async def story(db: Any) -> int:
        return await publish(db, await get_brand(db, slug), document, effective_at=effective, note=note)

    click.echo(f"Published as version {_with_db(settings, story)}.")


def _text(file: Path) -> str:
    from kizuna.program import Fault, ProgramInvalid

    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ProgramInvalid([Fault("document", f"the file is not UTF-8 (byte {fault.start})")]) from fault


# Imports


@main.group("import")
def import_() -> None:
    """Bring in history from files."""


@import_.command("orders")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", "mapping_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Which column is what.",
)  # fmt: skip
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Where rows that were not taken go.")
@brand_option
@json_option
@click.pass_obj
def import_orders(
    settings: Settings, files: tuple[Path, ...], mapping_file: Path, rejects: Path | None, slug: str, *, as_json: bool
) -> None:
    """Import orders from CSV or Parquet, as if the shop had sent them live. Doing it again adds nothing."""
    from kizuna.connect import csv
    from kizuna.intake import terms_of
    from kizuna.runtime.brands import get_brand
    from kizuna.runtime.server import reach

    mapping = csv.parse_mapping(_text(mapping_file))

    async def revive() -> None:
        await asyncio.to_thread(reach, settings)

    async def story(db: Any) -> csv.Summary:
        brand = await get_brand(db, slug)
        terms = terms_of(brand, settings.event_future_tolerance_s)
        with _Line() as line:
            return await csv.import_orders(
                db, brand, terms, files, mapping, progress=lambda at: line.say(_import_words(at)), rejects=rejects, revive=revive
            )  # fmt: skip

    summary = _with_db(settings, story)
    facts = summary.as_json()
    if not as_json:
        first = facts.pop("first_rejects")
        facts["files"] = ", ".join(file["name"] for file in facts["files"])
        _show(facts, as_json=False)
        for reject in first:
            click.echo(f"not taken: {reject}", err=True)
    else:
        _show(facts, as_json=True)


def _import_words(at: Any) -> str:
    if at.phase == "waiting":
        return f"The database is away; try {at.done} of {at.total}"
    left = "" if at.seconds_left is None else f", about {at.seconds_left:,.0f} s left"
    return f"{at.phase}: {at.done:,} of {at.total:,}, {at.rate_per_s:,.0f}/s{left}"


# The ledger and the members


@main.group()
def ledger() -> None:
    """Prove the ledger."""


@ledger.command("verify")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Count as of the end of this day; default today.")
@brand_option
@json_option
@click.pass_obj
def ledger_verify(settings: Settings, slug: str, as_of: datetime | None, *, as_json: bool) -> None:
    """Replay every entry and compare: sums, lots, counters, batches, chain. Exit code 1 when anything differs."""
    from kizuna.ledger import Proof, verify
    from kizuna.runtime.brands import get_brand
    from kizuna.runtime.clock import now

    async def story(db: Any) -> Proof:
        found = await get_brand(db, slug)
        day: date = as_of.date() if as_of else now().astimezone(found.zone).date()
        with _Line() as line:
            return await verify(db, found, day, lambda done, of: line.say(f"Replaying: {done:,} of {of:,}"))

    proof = _with_db(settings, story)
    facts = proof.as_json()
    if not as_json:
        faults = facts.pop("faults")
        _show(facts, as_json=False)
        for fault in faults:
            click.echo(f"differs: {fault}", err=True)
    else:
        _show(facts, as_json=True)
    if not proof.ok:
        sys.exit(1)


@main.group()
def members() -> None:
    """Look at the members."""


@members.command("tiers")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As of the end of this day; default today.")
@brand_option
@json_option
@click.pass_obj
def members_tiers(settings: Settings, slug: str, at: datetime | None, *, as_json: bool) -> None:
    """Count the members of each tier."""
    from kizuna.runtime.brands import get_brand
    from kizuna.runtime.clock import now
    from kizuna.web.reads import tier_counts

    async def story(db: Any) -> dict[str, int]:
        found = await get_brand(db, slug)
        return await tier_counts(db, found, at.date() if at else now().astimezone(found.zone).date())

    _show(_with_db(settings, story), as_json=as_json)


class _Line:
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
