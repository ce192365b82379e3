"""Bringing in history from files: orders, and the members and balances of another program."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from kizuna.cli.shared import Line, brand_option, check_writable, json_option, read_text, show, with_db, writing
from kizuna.runtime.settings import Settings

T = TypeVar("T", bound=Callable[..., Any])
SHOWN_MAX = 20
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("import")
def import_() -> None:
    """Bring in history from files."""


def _files(command: T) -> T:
    """Give a command the files, their mapping and where refused rows go."""
    command = click.option("--rejects", type=_NEW_FILE, help="Where rows that were not taken go.")(command)
    mapping = click.option("--mapping", "mapping_file", required=True, type=_FILE, help="Which column is what.")
    return click.argument("files", nargs=-1, required=True, type=_FILE)(mapping(command))


_preview = click.option("--preview", is_flag=True, help="Only say what would happen; nothing is written.")
_csv_out = click.option("--csv", "csv_file", type=_NEW_FILE, help="Where the reconciliation goes as a CSV file.")


@import_.command("orders")
@_files
@brand_option
@json_option
@click.pass_obj
def import_orders(
    settings: Settings, files: tuple[Path, ...], mapping_file: Path, rejects: Path | None, slug: str, *, as_json: bool
) -> None:
    """Import orders from CSV or Parquet, as if the shop had sent them live. Doing it again adds nothing."""
    from kizuna.connect import csv

    mapping = csv.parse_mapping(read_text(mapping_file, csv.MappingInvalid))
    run: Callable[..., Awaitable[Any]] = partial(csv.import_orders, revive=_revive(settings))
    work: Callable[..., Awaitable[Any]] = lambda *of, **more: run(*of, files, mapping, rejects=rejects, **more)  # noqa: E731 - said once
    _show(_run(settings, slug, work), as_json=as_json)


@import_.command("members")
@_files
@_preview
@_csv_out
@brand_option
@json_option
@click.pass_obj
def import_members(settings: Settings, /, mapping_file: Path, **options: Any) -> None:
    """Take the members of another program over: identities, profiles, tiers. Doing it again adds nothing."""
    from kizuna.connect import csv

    _take_over(settings, csv.parse_members(read_text(mapping_file, csv.MembersMappingInvalid)), **options)


@import_.command("balances")
@_files
@_preview
@_csv_out
@brand_option
@json_option
@click.pass_obj
def import_balances(settings: Settings, /, mapping_file: Path, **options: Any) -> None:
    """Take over what members bring: points with their last days, debts, orders and spend so far. Doing it again adds nothing."""
    from kizuna.connect import csv

    _take_over(settings, csv.parse_balances(read_text(mapping_file, csv.BalancesMappingInvalid)), **options)


@import_.command("reconcile")
@click.argument("run")
@_csv_out
@brand_option
@json_option
@click.pass_obj
def reconcile(settings: Settings, run: str, csv_file: Path | None, slug: str, *, as_json: bool) -> None:
    """Hold the ledger against what the files of an import said. Ends with 1 where they differ."""
    from kizuna.connect import csv
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> csv.Reconciliation:
        return await csv.reconcile(db, await get_brand(db, slug), run)

    found = with_db(settings, story)
    if as_json:
        show(found.as_json(), as_json=True)
    _reconciled(found, csv_file, quiet=as_json)


@import_.command("undo")
@click.argument("run")
@_preview
@brand_option
@json_option
@click.pass_obj
def undo(settings: Settings, run: str, slug: str, *, preview: bool, as_json: bool) -> None:
    """Take an import back. What was spent stays, and is listed; the files can be imported again."""
    from kizuna.connect import csv

    asked: Callable[..., Awaitable[Any]] = partial(csv.undo, revive=_revive(settings), preview=preview)
    facts = _run(settings, slug, lambda *of, **more: asked(*of, run, **more)).as_json()
    if as_json:
        show(facts, as_json=True)
        return
    if preview:
        click.echo("preview: nothing was written")
    stays = facts.pop("list")
    show({name: _flat(value) for name, value in facts.items() if value != {}}, as_json=False)
    for one in stays:
        click.echo("stays: {member}, {points:,} {unit}: {reason} {remedy}".format(**one), err=True)


def _take_over(
    settings: Settings,
    mapping: Any,
    files: tuple[Path, ...],
    rejects: Path | None,
    csv_file: Path | None,
    slug: str,
    *,
    preview: bool,
    as_json: bool,
) -> None:
    from kizuna.connect import csv
    from kizuna.runtime.brands import get_brand

    if csv_file is not None:
        check_writable(csv_file)
    run: Callable[..., Awaitable[Any]] = csv.foresee if preview else partial(csv.take_over, revive=_revive(settings))
    taken = _run(settings, slug, lambda *of, **more: run(*of, files, mapping, rejects=rejects, **more))
    if preview:
        _show(taken, as_json=as_json, title="preview: nothing was written")
        return

    async def story(db: Any) -> csv.Reconciliation:
        return await csv.reconcile(db, await get_brand(db, slug), taken.run_id)

    found = with_db(settings, story)
    _show(taken, as_json=as_json, more={"reconciliation": found.as_json()} if as_json else {})
    _reconciled(found, csv_file, quiet=as_json)


def _run(settings: Settings, slug: str, work: Callable[..., Awaitable[Any]]) -> Any:
    """Run an import and show its progress."""
    from kizuna.intake import terms_of
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> Any:
        brand = await get_brand(db, slug)
        with Line() as line:
            terms = terms_of(brand, settings.event_future_tolerance_s)
            return await work(db, brand, terms, progress=lambda at: line.say(_import_words(at)))

    return with_db(settings, story)


def _revive(settings: Settings) -> Callable[[], Awaitable[None]]:
    from kizuna.runtime.server import reach

    async def revive() -> None:
        await asyncio.to_thread(reach, settings)

    return revive


def _show(summary: Any, *, as_json: bool, title: str = "", more: dict[str, Any] | None = None) -> None:
    facts = summary.as_json() | (more or {})
    if as_json:
        show(facts, as_json=True)
        return
    if title:
        click.echo(title)
    first = facts.pop("first_rejects")
    facts["files"] = ", ".join(file["name"] for file in facts["files"])
    show({name: _flat(value) for name, value in facts.items() if value != {}}, as_json=False)
    for reject in first:
        click.echo("not taken: {file}, row {row}, {field} “{value}”: {reason} {remedy}".format(**reject), err=True)


def _flat(value: Any) -> Any:
    """Return counts by name as one line."""
    if not isinstance(value, dict):
        return value
    return "; ".join(
        f"{name}: {_flat(one)}" if isinstance(one, dict) else f"{name} {one:,}" for name, one in value.items()
    )


def _reconciled(found: Any, csv_file: Path | None, *, quiet: bool) -> None:
    """Tell whether files and ledger agree; end with 1 where they do not."""
    if csv_file is not None:
        with writing(csv_file), csv_file.open("w", encoding="utf-8-sig", newline="") as file:
            found.write_csv(file)
    if not quiet:
        for what, of in found.sums.items():
            for name, (told, kept) in of.items():
                label = f"{what} {name}".strip()
                click.echo(f"{label}: the files say {told:,}, the ledger {kept:,}{'' if told == kept else '  ≠'}")
        for unit, points in found.over.items():
            click.echo(f"points {unit} whose last day was over, not taken in: {points:,}")
        if found.unread:
            click.echo(f"rows that name no member: {found.unread:,}")
        for one in found.differences[:SHOWN_MAX]:
            click.echo(
                f"differs: {one.member}, {one.what} {one.unit}: the files say {one.file}, the ledger {one.ledger}"
            )
        if len(found.differences) > SHOWN_MAX:
            click.echo(f"… and {len(found.differences) - SHOWN_MAX:,} more; --csv FILE names all of them")
        click.echo("reconciled: everything agrees" if found.ok else "not reconciled")
    if not found.ok:
        raise SystemExit(1)


def _import_words(at: Any) -> str:
    if at.phase == "waiting":
        return f"The database is away; try {at.done} of {at.total}"
    left = "" if at.seconds_left is None else f", about {at.seconds_left:,.0f} s left"
    return f"{at.phase}: {at.done:,} of {at.total:,}, {at.rate_per_s:,.0f}/s{left}"
