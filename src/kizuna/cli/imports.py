"""Bringing in history from files."""

import asyncio
from pathlib import Path
from typing import Any

import click

from kizuna.cli.shared import Line, brand_option, json_option, read_text, show, with_db
from kizuna.runtime.settings import Settings


@click.group("import")
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

    mapping = csv.parse_mapping(read_text(mapping_file))

    async def revive() -> None:
        await asyncio.to_thread(reach, settings)

    async def story(db: Any) -> csv.Summary:
        brand = await get_brand(db, slug)
        terms = terms_of(brand, settings.event_future_tolerance_s)
        with Line() as line:
            return await csv.import_orders(
                db, brand, terms, files, mapping, progress=lambda at: line.say(_import_words(at)), rejects=rejects, revive=revive
            )  # fmt: skip

    summary = with_db(settings, story)
    facts = summary.as_json()
    if not as_json:
        first = facts.pop("first_rejects")
        facts["files"] = ", ".join(file["name"] for file in facts["files"])
        show(facts, as_json=False)
        for reject in first:
            click.echo("not taken: {file}, row {row}, {field} “{value}”: {reason} {remedy}".format(**reject), err=True)
    else:
        show(facts, as_json=True)


def _import_words(at: Any) -> str:
    if at.phase == "waiting":
        return f"The database is away; try {at.done} of {at.total}"
    left = "" if at.seconds_left is None else f", about {at.seconds_left:,.0f} s left"
    return f"{at.phase}: {at.done:,} of {at.total:,}, {at.rate_per_s:,.0f}/s{left}"
