"""Brands, and who may come in."""

from typing import Any

import click

from kizuna.cli.shared import brand_option, json_option, show, with_db
from kizuna.runtime.settings import Settings


@click.group()
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
    with_db(settings, lambda db: create_brand(db, made))
    click.echo(f"The brand {slug} is ready. Next: kizuna program publish FILE --brand {slug}")


@brand.command("list")
@json_option
@click.pass_obj
def brand_list(settings: Settings, *, as_json: bool) -> None:
    """List the brands."""
    from kizuna.runtime.brands import all_brands

    for one in with_db(settings, all_brands):
        show({"slug": one.slug, "name": one.name, "currency": one.currency, "timezone": one.timezone}, as_json=as_json)


@click.group()
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

    with_db(settings, story)
    click.echo(f"{email} can sign in at {settings.public_url}/console/sign-in")


@owner.command("password")
@click.option("--email", required=True)
@click.password_option(envvar="KIZUNA_OWNER_PASSWORD", help="At least 12 characters; asked for when not given.")
@click.pass_obj
def owner_password(settings: Settings, email: str, password: str) -> None:
    """Give an owner another password and end every session."""
    from kizuna.core.errors import NotFound
    from kizuna.runtime.access import reset_password

    if not with_db(settings, lambda db: reset_password(db, email, password)):
        raise NotFound(what="user", key=email)
    click.echo(f"{email} has another password; every session has ended.")


SCOPES = ("events:write", "members:read", "members:write", "points:write", "points:adjust")
"""Those of `runtime.access.Scope`, named here so that the command line begins without it."""


@click.group()
def key() -> None:
    """Make and revoke API keys."""


@key.command("create")
@click.option("--name", required=True, help="Whose key it is, such as “till 3”.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), required=True)
@brand_option
@click.pass_obj
def key_create(settings: Settings, slug: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key and print it, once."""
    from kizuna.runtime.access import Scope, create_key
    from kizuna.runtime.brands import get_brand

    async def story(db: Any) -> str:
        return await create_key(db, (await get_brand(db, slug)).slug, name, [Scope(scope) for scope in scopes])

    click.echo(with_db(settings, story))


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

    for row in with_db(settings, story):
        show({**row, "scopes": " ".join(row["scopes"])}, as_json=as_json)


@key.command("revoke")
@click.argument("key_id")
@click.pass_obj
def key_revoke(settings: Settings, key_id: str) -> None:
    """End a key; within seconds nothing comes in with it."""
    from kizuna.core.errors import NotFound
    from kizuna.runtime.access import revoke_key

    if not with_db(settings, lambda db: revoke_key(db, key_id)):
        raise NotFound(what="key", key=key_id)
    click.echo(f"The key {key_id} is revoked.")
