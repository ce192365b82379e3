"""The ledger: its proof, writing down what time has done; and the members."""

import sys
from datetime import date, datetime
from typing import Any

import click

from kizuna.cli.shared import Line, brand_option, json_option, show, with_db
from kizuna.runtime.settings import Settings


@click.group()
def ledger() -> None:
    """Prove the ledger, and look after it."""


@ledger.command("verify")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Count as of the end of this day; default today.")
@click.option(
    "--resume", is_flag=True, help="Go on with a run that was broken off less than a day ago, for its own day."
)
@brand_option
@json_option
@click.pass_obj
def ledger_verify(settings: Settings, slug: str, as_of: datetime | None, *, resume: bool, as_json: bool) -> None:
    """Replay every entry and compare: sums, lots, counters, holds, batches, events, chain. Exit code 1 when anything differs."""
    from kizuna.ledger import Proof, verify
    from kizuna.runtime.brands import get_brand
    from kizuna.runtime.clock import now

    if resume and as_of:
        raise click.UsageError("--resume goes on for the day that the run was begun for; leave --as-of out.")
    proven: tuple[int, int] = (0, 0)

    async def story(db: Any) -> Proof:
        found = await get_brand(db, slug)
        day: date = as_of.date() if as_of else now().astimezone(found.zone).date()
        with Line() as line:

            def told(done: int, of: int) -> None:
                nonlocal proven
                proven = done, of
                line.say(f"Proving: {done:,} of {of:,} parts")

            return await verify(db, found, day, told, resume=resume)

    try:
        proof = with_db(settings, story)
    except KeyboardInterrupt:
        done, of = proven
        click.echo(
            f"Broken off: {done:,} of {of:,} parts are proven. “kizuna ledger verify --resume” goes on.", err=True
        )
        sys.exit(130)
    facts = proof.as_json()
    if not as_json:
        faults = facts.pop("faults")
        show(facts, as_json=False)
        for fault in faults:
            click.echo(f"differs: {fault}", err=True)
    else:
        show(facts, as_json=True)
    if not proof.ok:
        sys.exit(1)


@ledger.command("replay")
@click.option("--keep", is_flag=True, help="Keep the schema that was made, to look at it.")
@brand_option
@json_option
@click.pass_obj
def ledger_replay(settings: Settings, slug: str, *, keep: bool, as_json: bool) -> None:
    """Make rows, batches and chain again from entries alone, in a schema of their own, and compare. Exit code 1 on any difference."""
    from kizuna.ledger import Rebuilt, rebuild
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> Rebuilt:
        found = await get_brand(db, slug)
        with Line() as line:
            return await rebuild(
                db, found, lambda done, of: line.say(f"Replaying: {done:,} of {of:,} parts"), keep=keep
            )

    made = with_db(settings, story)
    facts = made.as_json()
    if as_json:
        show(facts, as_json=True)
    else:
        told = facts.pop("told")
        show(facts, as_json=False)
        for difference in told:
            click.echo(f"differs: {difference}", err=True)
        click.echo(f"The schema {made.schema} was {'kept' if keep else 'taken away again'}.")
    if made.differences:
        sys.exit(1)


@ledger.command("sweep")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="What is due by this day; default today.")
@brand_option
@json_option
@click.pass_obj
def ledger_sweep(settings: Settings, slug: str, as_of: datetime | None, *, as_json: bool) -> None:
    """Write down every release and lapse that is due. The worker does so once a day; again changes nothing."""
    from kizuna.ledger import Swept, sweep
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> Swept:
        found = await get_brand(db, slug)
        with Line() as line:
            return await sweep(
                db, found, as_of.date() if as_of else None, lambda done, of: line.say(f"Sweeping: {done:,} of {of:,}")
            )

    show(with_db(settings, story)._asdict(), as_json=as_json)


@click.group()
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

    show(with_db(settings, story), as_json=as_json)
