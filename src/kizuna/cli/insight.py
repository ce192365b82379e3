"""The figures: made anew, and compared with what they are made of."""

import sys
from typing import Any

import click

from kizuna.cli.shared import Line, brand_option, json_option, show, with_db
from kizuna.runtime.settings import Settings


@click.group()
def insight() -> None:
    """Make the figures anew, or compare them."""


@insight.command("rebuild")
@brand_option
@json_option
@click.pass_obj
def insight_rebuild(settings: Settings, slug: str, *, as_json: bool) -> None:
    """Take every figure away and count all commits again. What was posted is not touched."""
    from kizuna.insight import rebuild
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> int:
        found = await get_brand(db, slug)
        with Line() as line:
            return await rebuild(db, found, lambda done, of: line.say(f"Counting commits: {done:,} of {of:,}"))

    show({"commits_counted": with_db(settings, story)}, as_json=as_json)


@insight.command("check")
@brand_option
@json_option
@click.pass_obj
def insight_check(settings: Settings, slug: str, *, as_json: bool) -> None:
    """Make every figure again from events, entries and accounts, and compare. Exit code 1 when anything differs."""
    from kizuna.insight import Audit, audit
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> Audit:
        found = await get_brand(db, slug)
        with Line() as line:
            return await audit(db, found, None, lambda done, of: line.say(f"Counting members: {done:,} of {of:,}"))

    result = with_db(settings, story)
    facts = result.as_json()
    if as_json:
        show(facts, as_json=True)
    else:
        differences = facts.pop("differences")
        show(facts, as_json=False)
        for difference in differences:
            click.echo(f"differs: {difference}", err=True)
    if not result.ok:
        sys.exit(1)
