"""The ledger's statements: one member's, and the program accounts of all."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from kizuna.cli.shared import Line, brand_option, json_option, show, with_db
from kizuna.runtime.settings import Settings

_DAY = click.DateTime(["%Y-%m-%d"])
from_option = click.option("--from", "first", type=_DAY, required=True, help="The first day.")
to_option = click.option("--to", "last", type=_DAY, required=True, help="The last day.")
csv_option = click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write CSV here.")
parquet_option = click.option(
    "--parquet", "parquet_file", type=click.Path(dir_okay=False, path_type=Path), help="Write Parquet here."
)


@click.command("statement")
@click.argument("member")
@from_option
@to_option
@csv_option
@parquet_option
@brand_option
@json_option
@click.pass_obj
def statement(
    settings: Settings,
    slug: str,
    member: str,
    first: datetime,
    last: datetime,
    csv_file: Path | None,
    parquet_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show a member's statement: what there was, every entry, what there is. MEMBER is any identity, such as card:9…, or an id."""
    from kizuna.web.statements import STATEMENT_HEADER, member_statement
    from kizuna.web.tabular import save

    async def story(db: Any) -> Any:
        return await member_statement(db, slug, member, first.date(), last.date())

    facts, rows = with_db(settings, story)
    save(STATEMENT_HEADER, rows, csv_file, parquet_file)
    if as_json:
        show(facts, as_json=True)
        return
    _table(STATEMENT_HEADER, rows)
    for unit, both in facts["units"].items():
        click.echo(f"{unit}: {both['opening']['balance']:,} → {both['closing']['balance']:,}")


@click.command("accounts")
@click.option("--from", "first", type=_DAY, help="The first day; default the first of this month.")
@click.option("--to", "last", type=_DAY, help="The last day; default today.")
@click.option("--check", is_flag=True, help="Compare the books with every entry. Exit code 1 when anything differs.")
@click.option("--rebuild", is_flag=True, help="Take the books away and make them again from the entries.")
@csv_option
@parquet_option
@brand_option
@json_option
@click.pass_obj
def accounts(
    settings: Settings,
    slug: str,
    first: datetime | None,
    last: datetime | None,
    csv_file: Path | None,
    parquet_file: Path | None,
    *,
    check: bool,
    rebuild: bool,
    as_json: bool,
) -> None:
    """Show the program accounts: issued, redeemed, expired and all else, by rule, reward and reason."""
    from kizuna.ledger import books_differ, rebuild_books
    from kizuna.runtime.brands import get_brand
    from kizuna.runtime.clock import now
    from kizuna.web.statements import ACCOUNTS_HEADER, accounts_of
    from kizuna.web.tabular import save

    async def story(db: Any) -> tuple[dict[str, Any], list[Any], list[str]]:
        found = await get_brand(db, slug)
        if rebuild:
            with Line() as line:
                await rebuild_books(db, found, lambda done, of: line.say(f"Booking commits: {done:,} of {of:,}"))
        wrong = await books_differ(db, found) if check else []
        today: date = now().astimezone(found.zone).date()
        begin = first.date() if first else today.replace(day=1)
        return *await accounts_of(db, found, begin, last.date() if last else today), wrong

    facts, rows, wrong = with_db(settings, story)
    save(ACCOUNTS_HEADER, rows, csv_file, parquet_file)
    if as_json:
        show(facts | {"differences": wrong}, as_json=True)
    else:
        _table(ACCOUNTS_HEADER, rows)
    for one in wrong:
        click.echo(f"differs: {one}", err=True)
    if wrong:
        sys.exit(1)


def _table(header: list[str], rows: list[Any]) -> None:
    """Print rows below each other, numbers to the right."""
    shown = [[f"{cell:,}" if isinstance(cell, int) else str(cell or "") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *shown, strict=True)]
    for line, cells in zip([header, *shown], [header, *rows], strict=True):
        click.echo(
            "  ".join(
                text.rjust(width) if isinstance(cell, int) else text.ljust(width)
                for text, cell, width in zip(line, cells, widths, strict=True)
            ).rstrip()
        )
