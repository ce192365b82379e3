"""Programs in words: what differs between two documents, and what one event would come to, rule by rule."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kizuna.cli.shared import json_option, read_text, with_db
from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.runtime.settings import Settings

if TYPE_CHECKING:
    from kizuna.intake import Arrival
    from kizuna.ledger import Account
    from kizuna.program import Program
    from kizuna.runtime.brands import Brand

LIVE = "live"
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
lang_option = click.option(
    "--lang", type=click.Choice(["ja", "en"]), default="en", help="In which language it is said."
)
some_brand = click.option(
    "--brand", "slug", envvar="KIZUNA_BRAND", help="The brand of a version, a member and the money."
)
currency_option = click.option(
    "--currency", default="JPY", help="Whose minor units amounts are, where no brand says it."
)


class BrandNeeded(Problem):
    """What is asked for belongs to a brand, and none is named."""

    code = "brand_needed"
    kind = Kind.INVALID
    title = N_("“{what}” belongs to a brand, and no brand is named.")
    remedy = N_("Name it with --brand, or give a file.")


class NotExplained(Problem):
    """An event that no rule can speak on."""

    code = "event_not_explained"
    kind = Kind.INVALID
    title = N_("Events of the type “{type}” are not decided by rules.")
    remedy = N_("Give a purchase (order.completed) or an action that the program knows.")


@click.command("diff")
@click.argument("old")
@click.argument("new")
@some_brand
@currency_option
@lang_option
@json_option
@click.pass_obj
def program_diff(
    settings: Settings, old: str, new: str, slug: str | None, currency: str, lang: str, *, as_json: bool
) -> None:
    """Say what differs between two documents: files, version numbers, or “live” for the version in force."""
    from kizuna.program import difference
    from kizuna.web.tell import sentence, tell

    (before, after), brand = _documents(settings, [old, new], slug)
    money = brand.currency if brand else currency
    changes = difference(before, after)
    if as_json:
        told = [
            {
                "place": change.place,
                "kind": change.kind.value,
                "what": tell(change.what, money, lang),
                "before": None if change.before is None else tell(change.before, money, lang),
                "after": None if change.after is None else tell(change.after, money, lang),
            }
            for change in changes
        ]
        click.echo(json.dumps({"changes": told}, ensure_ascii=False))
        return
    for change in changes:
        click.echo(f"{_SIGNS[change.kind.value]} {sentence(change.sentence, money, lang)}")
    if not changes:
        click.echo(_words(lang, N_("Both say the same.")))


@click.command("explain")
@click.argument("program")
@click.option(
    "--event", "event_file", type=_FILE, required=True, help="The event as JSON; what is left out is filled in."
)
@click.option(
    "--member", help="Whose event it is: a member's id or an identity such as card:123; else an imagined newcomer."
)
@some_brand
@currency_option
@lang_option
@json_option
@click.pass_obj
def program_explain(
    settings: Settings,
    program: str,
    event_file: Path,
    member: str | None,
    slug: str | None,
    currency: str,
    lang: str,
    *,
    as_json: bool,
) -> None:
    """Say what an event would come to by a program, and of every rule why it speaks or why not. Nothing is recorded."""
    from kizuna.web.console.program.tester.said import outcome
    from kizuna.web.console.program.tester.trial import attempt
    from kizuna.web.tell import Teller

    if member is not None and slug is None:
        raise BrandNeeded(field="member", what=member)
    (document,), brand = _documents(settings, [program], slug)
    before, account, key = _member(settings, slug, member) if slug and member else ([], None, 0)
    arrival, money = _arrival(event_file, brand, currency)
    result = attempt(document, before, _tried(arrival), account, key)
    told = outcome(result, Teller(money, lang), with_balances=account is not None)
    if as_json:
        rules = [{"rule": line.name, "points": line.points or None, "why": list(line.why)} for line in told.lines]
        gains = [{"points": points, "until": until} for points, until in told.sums]
        click.echo(json.dumps({"gains": gains, "tier": told.tier, "rules": rules}, ensure_ascii=False))
        return
    _print(told, lang)


def _print(told: Any, lang: str) -> None:
    for points, until in told.sums or [(_words(lang, N_("No points.")), "")]:
        click.echo(f"{points}{f' ({until})' if until else ''}")
    if told.tier != told.tier_before:
        click.echo(f"{told.tier_before} → {told.tier}")
    for line in told.lines:
        sign = {"gain": "+", "cut": "±"}.get(line.tone, "·")
        click.echo(f"{sign} {line.name}{f': {line.points}' if line.points else ''}")
        for reason in line.why:
            click.echo(f"    {reason}")
    if told.others:
        click.echo(_words(lang, N_("{n} further rules are for other events."), n=told.others))


def _words(lang: str, msgid: str, **facts: object) -> str:
    from kizuna.web.words import translate

    return translate(lang, msgid, **facts)


def _documents(settings: Settings, names: list[str], slug: str | None) -> "tuple[list[Program], Brand | None]":
    """Return the documents that are named by files, versions or “live”, and the brand where one is named."""
    from kizuna.program import parse
    from kizuna.publishing import PlanBook
    from kizuna.runtime.brands import get_brand
    from kizuna.runtime.clock import now

    found = {name: parse(read_text(Path(name))) for name in names if not _is_version(name)}
    versions = [name for name in names if _is_version(name)]
    if slug is None:
        if versions:
            raise BrandNeeded(field="program", what=versions[0])
        return [found[name] for name in names], None

    async def story(db: Any) -> "Brand":
        brand = await get_brand(db, slug)
        if versions:
            async with db.transaction(brand.schema, readonly=True) as conn:
                book = PlanBook()
                await book.refresh(conn)
            for name in versions:
                if name != LIVE and not 1 <= int(name) <= len(book.plans):
                    raise NotFound(what="program", key=name)
                found[name] = (book.at(now()) if name == LIVE else book.version(int(name))).program
        return brand

    brand = with_db(settings, story)
    return [found[name] for name in names], brand


def _is_version(name: str) -> bool:
    """Tell whether a name is a version's and no file's."""
    if Path(name).is_file():
        return False
    if name != LIVE and not (name.isascii() and name.isdecimal()):
        raise click.UsageError(f"“{name}” is neither a file nor a version")
    return True


def _member(settings: Settings, slug: str, member: str) -> "tuple[list[Program], Account, int]":
    """Return the published versions, a member's row and their own number."""
    from kizuna.ledger import account
    from kizuna.publishing import PlanBook
    from kizuna.runtime.brands import get_brand
    from kizuna.web.reads import find_member

    async def story(db: Any) -> "tuple[list[Program], Account, int]":
        brand = await get_brand(db, slug)
        async with db.transaction(brand.schema, readonly=True) as conn:
            book = PlanBook()
            await book.refresh(conn)
            found = await find_member(conn, member, brand.country)
            return [plan.program for plan in book.plans], await account(conn, found), int.from_bytes(found[-8:], "big")

    return with_db(settings, story)


def _arrival(file: Path, brand: "Brand | None", currency: str) -> "tuple[Arrival, str]":
    """Read the event; id, source, time, member, order number and currency are filled in where they are left out."""
    from zoneinfo import ZoneInfo

    from kizuna.core.days import instant_ms
    from kizuna.intake import EventMalformed, Terms, read
    from kizuna.runtime.clock import now

    try:
        told = json.loads(read_text(file))
    except ValueError as fault:
        raise EventMalformed(reason=str(fault)) from fault
    if not isinstance(told, dict):
        raise EventMalformed(reason="an event is an object")
    at = now()
    usual = {
        "specversion": "1.0",
        "id": "explained",
        "source": "explain",
        "subject": "customer:imagined",
        "time": at.isoformat(),
    }
    event = {**usual, "type": "order.completed", "data": {}, **told}
    data = event["data"] if isinstance(event["data"], dict) else {}
    money = brand.currency if brand else str(data.get("currency", currency))
    if event["type"] == "order.completed":
        event["data"] = {"order_id": "explained", "currency": money, **data}
    zone, country = (brand.zone, brand.country) if brand else (ZoneInfo("Asia/Tokyo"), "JP")
    ahead_ms = 10 * 366 * 86_400_000
    return read(json.dumps(event).encode(), Terms(money, country, zone, ahead_ms), instant_ms(at)), money


def _tried(arrival: "Arrival") -> Any:
    """Return an event as the trial takes it."""
    from datetime import date

    from kizuna.core.days import day_date
    from kizuna.engine import EventKind
    from kizuna.web.console.program.tester.trial import Imagined, Line, Tried

    told = arrival.told
    if arrival.kind not in (EventKind.ORDER, EventKind.ACTION):
        raise NotExplained(field="type", type=arrival.type)
    bought = told.bought
    lines = [
        Line(
            one.amount,
            one.quantity,
            one.sku,
            one.category or "",
            one.brand or "",
            one.tags,
            one.tax,
            one.discount,
            one.gift_card,
        )
        for one in (bought.lines if bought else ())
    ]
    born = told.profile.birthday if told.profile is not None else None
    return Tried(
        day=day_date(arrival.day) or date.max,
        minute=arrival.minute,
        event=arrival.type,
        amount=bought.amount if bought else 0,
        lines=lines,
        channel=told.channel or "",
        store=told.store or "",
        fields={name: value for name, value in (told.fields or {}).items() if isinstance(value, int | str)},
        member=Imagined(born=born.month * 100 + born.day if born else 0, is_referred=told.referrer is not None),
        tax=bought.tax if bought else 0,
        discount=bought.discount if bought else 0,
        shipping=bought.shipping if bought else 0,
        paid_with_points=bought.paid_with_points if bought else 0,
    )
