"""Looking after the database."""

import click

from kizuna.cli.shared import json_option, show, with_db
from kizuna.core.errors import SettingInvalid
from kizuna.runtime.settings import Settings


@click.group()
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

    _require_embedded(settings)
    EmbeddedPostgres(settings.home, settings.embedded_port).stop()
    click.echo("The database is stopped.")


@db.command("status")
@json_option
@click.pass_obj
def db_status(settings: Settings, *, as_json: bool) -> None:
    """Say whether the embedded server answers."""
    from dataclasses import asdict

    from kizuna.runtime.postgres import EmbeddedPostgres

    _require_embedded(settings)
    status = EmbeddedPostgres(settings.home, settings.embedded_port).status()
    show(
        {name: value if value is None else str(value) for name, value in asdict(status).items()},
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

    brands = with_db(settings, all_brands)
    click.echo(f"The platform and {len(brands)} brand(s) are at the newest revision.")


def _require_embedded(settings: Settings) -> None:
    """Raise `SettingInvalid` where somebody else keeps the database running."""
    if settings.database_url:
        raise SettingInvalid(name="DATABASE_URL", reason="it names a server that Kizuna neither starts nor stops")
